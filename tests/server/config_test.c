#include "server/config.h"
#include "server/log.h"
#include "tests/check.h"

#include <unistd.h>

static struct sotto_config config;
static struct sotto_fault fault;

static bool set(const char *key, const char *text) {
    return sotto_config_set(&config, key, text, "test", &fault);
}

static bool read_yaml(const char *yaml) {
    char path[] = "/tmp/sotto-config-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, yaml, strlen(yaml)), strlen(yaml));
    close(fd);
    bool good = sotto_config_read_file(&config, path, &fault);
    unlink(path);
    return good;
}

TEST(values_are_checked_where_they_are_set) {
    sotto_config_init(&config);
    CHECK(set("listen.port", "0") && config.listen_port == 0);
    CHECK(set("listen.port", "65535") && config.listen_port == 65535);
    CHECK(!set("listen.port", "65536") && config.listen_port == 65535);
    CHECK(!set("listen.port", "") && !set("listen.port", "80x"));
    CHECK(!set("limits.rooms", "0"));
    CHECK(set("listen.address", "::"));
    CHECK(!set("listen.address", "") && !set("listen.address", "example.org"));
    CHECK(set("media.announced_address", ""));
    CHECK(set("log.level", "debug") && config.log_level == SOTTO_LOG_DEBUG);
    CHECK(!set("log.level", "Debug"));
    CHECK(set("core_dumps", "true") && config.core_dumps == 1);
    CHECK(!set("core_dumps", "yes"));
    CHECK(set("meet_token.enabled", "off"));
    CHECK(!set("nothing", "1") && strstr(fault.text, "nothing: there is no such key (test)"));
    CHECK(config.web_root_is_default);
    CHECK(set("web_root", "") && !config.web_root_is_default);
}

TEST(a_file_sets_what_it_names_and_leaves_the_rest) {
    sotto_config_init(&config);
    CHECK(read_yaml("# comment\nlisten: {port: 80}\nlimits:\n  message_size: 4096\n"
                    "data: \"/x y\"\ncore_dumps: true\n"));
    CHECK_EQ(config.listen_port, 80);
    CHECK_TEXT(config.listen_address, "127.0.0.1");
    CHECK_EQ(config.limits_message_size, 4096);
    CHECK_EQ(config.limits_rooms, 100000);
    CHECK_TEXT(config.data, "/x y");
    CHECK_EQ(config.core_dumps, 1);
    CHECK(read_yaml("{}"));
    CHECK_EQ(config.listen_port, 80);
}

TEST(faults_of_a_file_name_the_line) {
    sotto_config_init(&config);
    CHECK(!read_yaml("data: x\n\nlimits:\n  rooms: 1\n  roms: 2\n"));
    CHECK(strstr(fault.text, "line 5: ") && strstr(fault.text, "roms"));
    CHECK(!read_yaml("data: [1, 2]\n"));
    CHECK(strstr(fault.text, "line 1: "));
    CHECK(!read_yaml("\t\tx"));
    CHECK(!sotto_config_read_file(&config, "/nowhere", &fault));
    CHECK(strchr(fault.text, '\n') == NULL);
}

TEST(the_environment_overrides_and_refuses_what_it_does_not_know) {
    char port[] = "SOTTO_ADMIN_PORT=99", file[] = "SOTTO_CONFIG=/x", other[] = "HOME=/root";
    char unknown[] = "SOTTO_PORT=1", no_value[] = "SOTTO_X", prefix[] = "SOTTO_ADMIN_PORTS=1";
    char *good[] = {other, port, file, no_value, NULL};
    char *bad[] = {other, unknown, NULL};
    char *longer[] = {prefix, NULL};
    sotto_config_init(&config);
    CHECK(sotto_config_read_environment(&config, good, &fault));
    CHECK_EQ(config.admin_port, 99);
    CHECK(!sotto_config_read_environment(&config, bad, &fault));
    CHECK(strstr(fault.text, "SOTTO_PORT"));
    CHECK(!sotto_config_read_environment(&config, longer, &fault));
}

TEST(what_is_printed_is_read_back_to_the_same) {
    struct sotto_config before;
    char *text = NULL;
    size_t size = 0;
    sotto_config_init(&config);
    CHECK(set("allowed_origins", "https://a.example, https://b.example") && set("data", "/a b/c"));
    CHECK(set("log.level", "error") && set("tls.key", "/k"));
    before = config;
    FILE *to = open_memstream(&text, &size);
    sotto_config_print(&config, to);
    fclose(to);
    sotto_config_init(&config);
    CHECK(read_yaml(text));
    before.web_root_is_default = config.web_root_is_default;
    CHECK_BYTES(&config, &before, sizeof config);
    free(text);
}

TEST(loopback_means_both_listeners) {
    sotto_config_init(&config);
    CHECK(sotto_config_is_loopback(&config));
    CHECK(set("listen.address", "::1") && sotto_config_is_loopback(&config));
    CHECK(set("admin.address", "0.0.0.0") && !sotto_config_is_loopback(&config));
}

int main(void) {
    RUN(values_are_checked_where_they_are_set);
    RUN(a_file_sets_what_it_names_and_leaves_the_rest);
    RUN(faults_of_a_file_name_the_line);
    RUN(the_environment_overrides_and_refuses_what_it_does_not_know);
    RUN(what_is_printed_is_read_back_to_the_same);
    RUN(loopback_means_both_listeners);
    return 0;
}
