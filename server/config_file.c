// The YAML file of server/config.h, read by libcyaml. Its schema is made from the table of keys,
// with every value as text that sotto_config_set checks: so file and environment cannot differ.
#include "server/config_keys.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <string.h>

enum { KEY_COUNT_MAX = 32, LEVEL_COUNT_MAX = 8, LEVEL_NAME_SIZE = 24 };

struct schema {
    cyaml_schema_value_t top;
    cyaml_schema_field_t fields[KEY_COUNT_MAX + 1];
    size_t field_count;
    struct {
        char name[LEVEL_NAME_SIZE];
        cyaml_schema_field_t fields[KEY_COUNT_MAX + 1];
        size_t field_count;
    } levels[LEVEL_COUNT_MAX];
    size_t level_count;
};

struct values {
    char *texts[KEY_COUNT_MAX]; // in the order of the table; NULL for keys that are not in the file
};

static cyaml_schema_field_t text_field(const char *name, size_t index) {
    return (cyaml_schema_field_t){
        .key = name,
        .data_offset = (uint32_t)(index * sizeof(char *)),
        .value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char *, 0,
                                     CYAML_UNLIMITED)},
    };
}

// The field of a level: its values stand in the same struct, so its offset is 0.
static size_t add_level(struct schema *schema, const char *name, size_t name_size) {
    for (size_t i = 0; i < schema->level_count; i++)
        if (strlen(schema->levels[i].name) == name_size &&
            memcmp(schema->levels[i].name, name, name_size) == 0)
            return i;
    size_t index = schema->level_count++;
    snprintf(schema->levels[index].name, LEVEL_NAME_SIZE, "%.*s", (int)name_size, name);
    schema->fields[schema->field_count++] = (cyaml_schema_field_t){
        .key = schema->levels[index].name,
        .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, struct values,
                                      schema->levels[index].fields)},
    };
    return index;
}

static void form_schema(struct schema *schema) {
    memset(schema, 0, sizeof *schema); // a field without a key ends a list
    for (size_t i = 0; i < sotto_config_key_count; i++) {
        const char *name = sotto_config_keys[i].name;
        const char *dot = strchr(name, '.');
        if (!dot) {
            schema->fields[schema->field_count++] = text_field(name, i);
            continue;
        }
        size_t level = add_level(schema, name, (size_t)(dot - name));
        schema->levels[level].fields[schema->levels[level].field_count++] = text_field(dot + 1, i);
    }
    schema->top = (cyaml_schema_value_t){
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct values, schema->fields)};
}

// libcyaml tells what is wrong through its log: the reason first, then where.
struct complaint {
    char reason[160];
    unsigned line;
};

static void note(cyaml_log_t level, void *context, const char *format, va_list arguments) {
    struct complaint *complaint = context;
    char text[256];
    (void)level;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = 0;
    const char *line = strstr(text, "line");
    if (complaint->line == 0 && line)
        sscanf(line + 4, "%*[: ]%u", &complaint->line);
    if (!complaint->reason[0])
        snprintf(complaint->reason, sizeof complaint->reason, "%.150s",
                 strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}

// libcyaml tells where the level begins that has the key; the line of the key itself helps more.
static void find_line(struct complaint *complaint, const char *path) {
    static const char unexpected[] = "Unexpected key: ";
    char text[512];
    const char *key = complaint->reason + sizeof unexpected - 1;
    FILE *file = NULL;
    if (strncmp(complaint->reason, unexpected, sizeof unexpected - 1) == 0)
        file = fopen(path, "re");
    for (unsigned line = 1; file && fgets(text, sizeof text, file); line++) {
        const char *begin = text + strspn(text, " {\"'");
        if (line < complaint->line || strncmp(begin, key, strlen(key)) != 0 ||
            !strchr(" :\"'", begin[strlen(key)]))
            continue;
        complaint->line = line;
        break;
    }
    if (file)
        fclose(file);
}

static void set_fault(const struct complaint *complaint, cyaml_err_t error, const char *path,
                      struct sotto_fault *fault) {
    const char *reason = complaint->reason[0] ? complaint->reason : cyaml_strerror(error);
    if (complaint->line > 0)
        sotto_fault_set(fault, "%s: line %u: %s; see sottod --help for the keys", path,
                        complaint->line, reason);
    else
        sotto_fault_set(fault, "%s: %s; give a readable YAML file with --config", path, reason);
}

static bool apply(struct sotto_config *config, const struct values *values, const char *path,
                  struct sotto_fault *fault) {
    for (size_t i = 0; i < sotto_config_key_count; i++)
        if (values->texts[i] && !sotto_config_set(config, sotto_config_keys[i].name,
                                                  values->texts[i], path, fault))
            return false;
    return true;
}

bool sotto_config_read_file(struct sotto_config *config, const char *path,
                            struct sotto_fault *fault) {
    static struct schema schema;
    struct complaint complaint = {0};
    const cyaml_config_t settings = {.log_fn = note,
                                     .log_ctx = &complaint,
                                     .mem_fn = cyaml_mem,
                                     .log_level = CYAML_LOG_ERROR,
                                     .flags = CYAML_CFG_DEFAULT};
    cyaml_data_t *values = NULL;
    form_schema(&schema);
    cyaml_err_t error = cyaml_load_file(path, &settings, &schema.top, &values, NULL);
    if (error != CYAML_OK) {
        find_line(&complaint, path);
        set_fault(&complaint, error, path, fault);
        return false;
    }
    bool good = !values || apply(config, values, path, fault);
    cyaml_free(&settings, &schema.top, values, 0);
    return good;
}
