#include "host/command.h"

#include "base/bytes.h"
#include "base/file.h"
#include "visual/param.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int svi_exit_code(bool ok, const struct svi_error *err)
{
    return ok ? 0 : svi_status_exit_code(err->status);
}

bool svi_folder(char into[PATH_MAX], const char *path, enum svi_folder_kind kind, struct svi_error *err)
{
    if (!svi_make_folders(path, kind, err))
        return false;
    return realpath(path, into) ? true
                                : svi_fail(err, SVI_IO, "The folder %s cannot be used: %s.", svi_base_name(path), strerror(errno));
}

bool svi_results_folder(char into[PATH_MAX], const char *path, struct svi_error *err)
{
    if (!strcmp(path, "-"))
        return svi_fail(err, SVI_BAD_USAGE,
                        "Results are several files, which cannot go to standard output. A folder of this name is given as ./-.");
    return svi_folder(into, path, SVI_FOLDER_SHARED, err)
           && (faccessat(AT_FDCWD, into, W_OK | X_OK, AT_EACCESS) == 0
               || svi_fail(err, SVI_IO, "The folder %s cannot be written: %s.", svi_base_name(into), strerror(errno)));
}

/* The account's, where the environment names none: a service, a chroot. NULL: there is none. */
static const char *home_folder(void)
{
    const char *home = getenv("HOME");
    if (home && *home == '/')
        return home;
    const struct passwd *account = getpwuid(getuid());
    return account && *account->pw_dir == '/' ? account->pw_dir : NULL;
}

/* "" where there is no home. */
static void usual_cache_folder(char into[PATH_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = home_folder();
    bool fits = false;
    if (cache && *cache == '/') /* the standard says that a relative one does not count */
        fits = svi_format(into, PATH_MAX, "%s/svi-worker", cache);
    else if (home)
        fits = svi_format(into, PATH_MAX, "%s/.cache/svi-worker", home);
    if (!fits)
        into[0] = '\0';
}

bool svi_cache_folder(const struct svi_options *options, char into[PATH_MAX], struct svi_error *err)
{
    const char *wish = svi_option_text(options, SVI_OPTION_CACHE);
    if (wish)
        return svi_folder(into, wish, SVI_FOLDER_PRIVATE, err);
    char usual[PATH_MAX];
    struct svi_error trouble = { 0 };
    usual_cache_folder(usual);
    if (*usual && svi_folder(into, usual, SVI_FOLDER_PRIVATE, &trouble))
        return true;
    svi_log(SVI_LOG_WARNING, "no folder for compiled programs, each start compiles anew; name one with --cache (%s)",
            *usual ? trouble.message : "there is no home folder");
    into[0] = '\0';
    return true;
}

bool svi_ca_file(const struct svi_options *options, const char **file, struct svi_error *err)
{
    *file = svi_option_text(options, SVI_OPTION_CA_FILE);
    return !*file || access(*file, R_OK) == 0
           || svi_fail(err, SVI_BAD_USAGE, "The certificates of --ca-file cannot be read: %s.", strerror(errno))
           || svi_because(err, "%s", *file);
}

bool svi_work_folder(const struct svi_options *options, char into[PATH_MAX], struct svi_error *err)
{
    const char *wish = svi_option_text(options, SVI_OPTION_WORK);
    if (wish)
        return svi_folder(into, wish, SVI_FOLDER_PRIVATE, err);
    char cache[PATH_MAX], below[PATH_MAX];
    if (!svi_cache_folder(options, cache, err))
        return false;
    if (!*cache)
        return svi_fail(err, SVI_BAD_USAGE, "There is no usual folder for jobs here: name one with --work.");
    return svi_format(below, sizeof below, "%s/work", cache)
               ? svi_folder(into, below, SVI_FOLDER_PRIVATE, err)
               : svi_fail(err, SVI_BAD_USAGE, "The name of the cache folder is too long.");
}

/* People write numbers that JSON does not know: ".5", "5.", "+5". NULL: it is none. */
static json_t *load_number(const char *text, json_error_t *fault)
{
    char json[64];
    const char *at = text + (*text == '+' || *text == '-'), *behind = at + strcspn(at, ".");
    if (!isdigit((unsigned char)at[*at == '.']))
        return NULL;
    behind += *behind == '.';
    const bool wants_digit = behind[-1] == '.' && !isdigit((unsigned char)*behind);
    return svi_format(json, sizeof json, "%s%s%.*s%s%s", *text == '-' ? "-" : "", *at == '.' ? "0" : "", (int)(behind - at), at,
                      wants_digit ? "0" : "", behind)
               ? json_loads(json, JSON_DECODE_ANY, fault)
               : NULL;
}

/* A title of 2024 is a text. */
static json_t *load_value(const char *key, const char *text, json_error_t *fault)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, fault);
    if (!svi_param_is_text(key))
        return value ? value : load_number(text, fault);
    if (json_is_string(value) || json_is_null(value))
        return value;
    json_decref(value);
    return json_string(text);
}

static bool set_value(json_t *config, const char *text, struct svi_error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return svi_fail(err, SVI_BAD_USAGE, "--set is \"%s\", but must be KEY=VALUE.", text);
    if (!svi_utf8_valid(svi_bytes_of(text)))
        return svi_fail(err, SVI_BAD_USAGE, "--set is given something that is not UTF-8.");
    char *key = strndup(text, (size_t)(equals - text));
    if (!key)
        return svi_fail_memory(err, strlen(text));
    json_error_t fault;
    json_t *value = load_value(key, equals + 1, &fault);
    bool ok = value || json_error_code(&fault) != json_error_numeric_overflow
              || svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s is %.40s, but no number may be that large.", key, equals + 1);
    if (ok)
        ok = json_object_set_new(config, key, value ? value : json_string(equals + 1)) == 0 || svi_fail_memory(err, strlen(text));
    free(key);
    return ok;
}

const char *svi_scratch_folder(void)
{
    const char *wish = getenv("TMPDIR");
    return wish && *wish ? wish : "/var/tmp";
}

json_t *svi_config_from_sets(const struct svi_options *options, struct svi_error *err)
{
    json_t *config = json_object();
    if (!config)
        svi_fail_memory(err, 64);
    const char *text;
    for (size_t i = 0; config && (text = svi_option_item(options, SVI_OPTION_SET, i)); i++)
        if (!set_value(config, text, err)) {
            json_decref(config);
            return NULL;
        }
    return config;
}

void svi_tell_ignored(const json_t *keys)
{
    size_t i;
    const json_t *key;
    json_array_foreach(keys, i, key)
    {
        const char *name = json_string_value(key), *meant = svi_param_nearest(name);
        svi_log(SVI_LOG_WARNING, "the parameter %s is not known and was ignored%s%s%s", name, meant ? "; did you mean " : "",
                meant ? meant : "", meant ? "?" : "");
    }
}

bool svi_wants_progress_bar(const struct svi_options *options)
{
    return !svi_option_on(options, SVI_OPTION_QUIET) && !svi_option_on(options, SVI_OPTION_VERBOSE);
}
