// sottod: reads what it is told, starts the control thread, and says in one line what is wrong if
// it cannot.
#include "core/wipe.h"
#include "server/json.h"
#include "server/log.h"
#include "server/options.h"
#include "server/service.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FAULT_COUNT_MAX = 32 };

static int fail(const struct sotto_fault *fault) {
    fprintf(stderr, "sottod: %s\n", fault->text);
    return 1;
}

static bool read_config(struct sotto_config *config, const struct sotto_options *options,
                        struct sotto_fault *fault) {
    sotto_config_init(config);
    if (options->config && !sotto_config_read_file(config, options->config, fault))
        return false;
    if (!sotto_config_read_environment(config, environ, fault))
        return false;
    return !options->data || sotto_config_set(config, "data", options->data, "--data", fault);
}

static int check(const struct sotto_config *config) {
    struct sotto_fault faults[FAULT_COUNT_MAX];
    size_t count = sotto_config_check(config, faults, FAULT_COUNT_MAX);
    for (size_t i = 0; i < count && i < FAULT_COUNT_MAX; i++)
        fprintf(stderr, "sottod: %s\n", faults[i].text);
    return count > 0;
}

// A dump would hold tokens and the API secret. This also keeps other processes of the same user
// from reading the memory. core_dumps: true (SOTTO_CORE_DUMPS=true) leaves both possible.
static void forbid_core_dumps(void) {
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
}

static int run(const struct sotto_config *config) {
    static struct sotto_service service; // it must not move
    struct sotto_fault fault = {0};
    if (!config->core_dumps)
        forbid_core_dumps();
    sotto_log_set_level((enum sotto_log_level)config->log_level);
    if (!sotto_service_create(&service, config, &fault))
        return fail(&fault);
    sotto_service_run(&service);
    sotto_service_destroy(&service);
    return 0;
}

int main(int count, char **arguments) {
    struct sotto_options options;
    struct sotto_config config;
    struct sotto_fault fault = {0};
    sotto_json_init();
    if (!sotto_options_parse(&options, count, arguments, &fault))
        return fail(&fault);
    if (options.help || options.version) {
        sotto_options_print(&options, stdout);
        return 0;
    }
    if (!read_config(&config, &options, &fault))
        return fail(&fault);
    if (options.print_config) {
        sotto_config_print(&config, stdout);
        return 0;
    }
    return options.check ? check(&config) : run(&config);
}
