#include "host/outbox.h"

#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/log.h"
#include "host/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The list is the entry's lock, too, and each result that was saved adds a line to it. So does the sync of an entry: one that has
 * none counts until the machine starts again, which the kernel tells by another boot's id. */
static const char box_name[] = ".outbox", list_name[] = "list.json", synced_mark[] = "synced\n",
                  boot_id_path[] = "/proc/sys/kernel/random/boot_id";
static const char *const kind_words[] = {
    [SVI_RESULT_PICTURE] = "picture", [SVI_RESULT_SUMMARY] = "summary", [SVI_RESULT_FILE] = "file"
};

enum { LIST_LIMIT_BYTES = 1 << 20, BOOT_ID_SIZE = 40, KINDS = sizeof kind_words / sizeof *kind_words };

struct svi_outbox {
    struct svi_outbox_place place;
    char folder[PATH_MAX];
    int list; /* open as long as the entry is ours */
    struct svi_result results[SVI_MAX_RESULTS];
    int64_t ids[SVI_MAX_RESULTS];
    size_t count;
    bool synced;
};

static bool fail_io(struct svi_error *err, const char *path)
{
    int why = errno;
    return svi_fail(err, svi_status_of_errno(why), "The results cannot be kept: %s.", strerror(why))
           || svi_because(err, "%s: %s", path, strerror(why));
}

static bool fail_long(struct svi_error *err)
{
    return svi_fail(err, SVI_IO, "The name of the folder for jobs is too long.");
}

/* -1: held by another, or no such entry. */
static int hold_list(const char *folder)
{
    char path[PATH_MAX];
    return svi_format(path, sizeof path, "%s/%s", folder, list_name) ? svi_lock_file(AT_FDCWD, path, O_APPEND, false) : -1;
}

/* ---- the list ---- */

/* Empty where the kernel does not say. */
static char boot_id[BOOT_ID_SIZE];

static void find_boot_id(void)
{
    struct svi_buffer text;
    struct svi_error ignored = { 0 };
    if (svi_file_read(&text, boot_id_path, "of the boot", BOOT_ID_SIZE, &ignored))
        svi_format(boot_id, BOOT_ID_SIZE, "%.*s", (int)strcspn((const char *)text.at, "\n"), (const char *)text.at);
    svi_buffer_clear(&text);
}

static const char *read_boot_id(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_boot_id);
    return boot_id;
}

static json_t *describe(const struct svi_outbox *outbox)
{
    json_t *results = json_array();
    for (size_t i = 0; results && i < outbox->count; i++)
        json_array_append_new(
            results, json_pack("{s:s, s:s}", "name", outbox->results[i].name, "kind", kind_words[outbox->results[i].kind]));
    return json_pack("{s:s, s:I, s:s, s:o}", "platform", outbox->place.platform, "job", (json_int_t)outbox->place.job, "boot",
                     read_boot_id(), "results", results);
}

/* One that is empty, as most are, is left alone: ext4 would write out at once what comes into a file that was emptied and not
 * closed since. */
static bool empty_list(int list)
{
    struct stat about;
    return fstat(list, &about) == 0 && (!about.st_size || ftruncate(list, 0) == 0);
}

static bool write_list(struct svi_outbox *outbox, const char *folder, struct svi_error *err)
{
    struct svi_buffer text;
    svi_buffer_init(&text, LIST_LIMIT_BYTES);
    json_t *list = describe(outbox);
    bool ok = (list || svi_fail_memory(err, 256)) && svi_json_write(&text, list, err)
              && (svi_buffer_add(&text, "\n", 1) || svi_fail_memory(err, 256));
    if (ok) {
        outbox->list = hold_list(folder);
        ok = (outbox->list >= 0 && empty_list(outbox->list) && write(outbox->list, text.at, text.count) == (ssize_t)text.count)
             || fail_io(err, folder);
    }
    json_decref(list);
    svi_buffer_clear(&text);
    return ok;
}

static bool read_result(struct svi_outbox *outbox, const json_t *row)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    const char *kind = json_string_value(json_object_get(row, "kind"));
    struct svi_result *result = &outbox->results[outbox->count];
    size_t k = 0;
    while (kind && k < KINDS && strcmp(kind_words[k], kind) != 0)
        k++;
    if (!name || !kind || k == KINDS || !*name || strchr(name, '/') || !svi_format(result->name, sizeof result->name, "%s", name))
        return false;
    result->kind = (enum svi_result_kind)k;
    outbox->count++;
    return true;
}

static bool read_results(struct svi_outbox *outbox, const json_t *list)
{
    const json_t *results = json_object_get(list, "results");
    const char *platform = json_string_value(json_object_get(list, "platform"));
    bool ok = platform && json_array_size(results) > 0 && json_array_size(results) <= SVI_MAX_RESULTS;
    for (size_t i = 0; ok && i < json_array_size(results); i++)
        ok = read_result(outbox, json_array_get(results, i));
    if (ok && strcmp(platform, outbox->place.platform) != 0)
        outbox->count = 0;
    return ok;
}

/* What an older version left was synced, and names no boot. */
static bool is_of_this_boot(const json_t *list)
{
    const char *boot = json_string_value(json_object_get(list, "boot"));
    return !boot || (*boot && !strcmp(boot, read_boot_id()));
}

/* "<number of the result> <its id>", or that all is on the disk. */
static void read_mark(struct svi_outbox *outbox, const char *line)
{
    char *end;
    if (!strncmp(line, synced_mark, strlen(synced_mark)))
        outbox->synced = true;
    const size_t i = strtoul(line, &end, 10);
    const int64_t id = *end == ' ' ? strtoll(end + 1, &end, 10) : 0;
    if (*end == '\n' && i < outbox->count && id > 0)
        outbox->ids[i] = id;
}

static bool read_list(struct svi_outbox *outbox)
{
    char path[PATH_MAX];
    struct svi_buffer text = { 0 };
    struct svi_error err = { 0 };
    json_t *list = NULL;
    if (svi_format(path, sizeof path, "%s/%s", outbox->folder, list_name)
        && svi_file_read(&text, path, list_name, LIST_LIMIT_BYTES, &err))
        list = svi_json_parse((struct svi_bytes){ text.at, strcspn((const char *)text.at, "\n") }, list_name, SVI_IO, &err);
    const bool ok = list && read_results(outbox, list);
    for (const char *line = ok ? strchr((const char *)text.at, '\n') : NULL; line; line = strchr(line + 1, '\n'))
        read_mark(outbox, line + 1);
    const bool lasting = ok && (outbox->synced || is_of_this_boot(list));
    json_decref(list);
    svi_buffer_clear(&text);
    return lasting;
}

/* Whoever looked into the folder may have taken something. */
static bool has_files(const struct svi_outbox *outbox)
{
    char path[PATH_MAX];
    struct stat about;
    for (size_t i = 0; i < outbox->count; i++)
        if (!outbox->ids[i]
            && (!svi_format(path, sizeof path, "%s/%s", outbox->folder, outbox->results[i].name) || lstat(path, &about) != 0
                || !S_ISREG(about.st_mode)))
            return false;
    return true;
}

/* ---- entries ---- */

static void close_entry(struct svi_outbox *outbox)
{
    if (outbox->list >= 0)
        close(outbox->list);
    free(outbox);
}

bool svi_outbox_put(struct svi_outbox **out, const struct svi_outbox_place *place, const char *folder,
                    const struct svi_result *results, size_t count, struct svi_error *err)
{
    struct svi_outbox *outbox = calloc(1, sizeof *outbox);
    char box[PATH_MAX], name[17];
    if (!outbox)
        return svi_fail_memory(err, sizeof *outbox);
    *outbox = (struct svi_outbox){ .place = *place, .list = -1, .count = count };
    memcpy(outbox->results, results, count * sizeof *results);
    bool ok = (svi_format(box, sizeof box, "%s/%s", place->root, box_name) || fail_long(err)) && svi_random_hex(name, 16, err)
              && (svi_format(outbox->folder, sizeof outbox->folder, "%s/%" PRId64 "-%s", box, place->job, name) || fail_long(err))
              && svi_make_folders(box, SVI_FOLDER_PRIVATE, err) && write_list(outbox, folder, err)
              && (rename(folder, outbox->folder) == 0 || fail_io(err, outbox->folder));
    if (ok)
        *out = outbox;
    else
        close_entry(outbox);
    return ok;
}

static bool add_mark(const struct svi_outbox *outbox, const char *mark)
{
    return write(outbox->list, mark, strlen(mark)) == (ssize_t)strlen(mark);
}

bool svi_outbox_sync(struct svi_outbox *outbox, struct svi_error *err)
{
    char box[PATH_MAX];
    const char *names[SVI_MAX_RESULTS + 1] = { list_name };
    for (size_t i = 0; i < outbox->count; i++)
        names[i + 1] = outbox->results[i].name;
    if (outbox->synced)
        return true;
    outbox->synced = svi_format(box, sizeof box, "%s/%s", outbox->place.root, box_name)
                     && svi_files_sync(outbox->folder, names, outbox->count + 1, err) && svi_files_sync(box, NULL, 0, err)
                     && ((add_mark(outbox, synced_mark) && fsync(outbox->list) == 0) || fail_io(err, outbox->folder));
    return outbox->synced;
}

static struct svi_outbox *open_entry(const struct svi_outbox_place *place, const char *folder)
{
    struct svi_outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        return NULL;
    *outbox = (struct svi_outbox){ .place = *place };
    svi_format(outbox->folder, sizeof outbox->folder, "%s", folder);
    outbox->list = hold_list(folder);
    const bool known = outbox->list >= 0 && read_list(outbox);
    if (outbox->list >= 0 && !(known && has_files(outbox))) {
        svi_log(SVI_LOG_WARNING, "finished results that cannot be read are removed");
        svi_outbox_remove(outbox, NULL);
        return NULL;
    }
    if (outbox->list >= 0 && outbox->count)
        return outbox;
    close_entry(outbox);
    return NULL;
}

static DIR *open_box(const struct svi_outbox_place *place, char box[PATH_MAX])
{
    return svi_format(box, PATH_MAX, "%s/%s", place->root, box_name) ? opendir(box) : NULL;
}

static struct svi_outbox *next_entry(DIR *entries, const char *box, const struct svi_outbox_place *place)
{
    char path[PATH_MAX], start[32];
    struct svi_outbox *found = NULL;
    svi_format(start, sizeof start, "%" PRId64 "-", place->job);
    for (const struct dirent *entry; !found && (entry = readdir(entries));)
        if (!strncmp(entry->d_name, start, strlen(start)) && svi_format(path, sizeof path, "%s/%s", box, entry->d_name))
            found = open_entry(place, path);
    return found;
}

struct svi_outbox *svi_outbox_find(const struct svi_outbox_place *place)
{
    char box[PATH_MAX];
    DIR *entries = open_box(place, box);
    if (!entries)
        return NULL;
    struct svi_outbox *found = next_entry(entries, box, place);
    closedir(entries);
    return found;
}

void svi_outbox_forget(const struct svi_outbox_place *place)
{
    char box[PATH_MAX];
    DIR *entries = open_box(place, box);
    if (!entries)
        return;
    for (struct svi_outbox *left; (left = next_entry(entries, box, place));)
        svi_outbox_remove(left, NULL);
    closedir(entries);
}

size_t svi_outbox_count(const struct svi_outbox *outbox)
{
    return outbox->count;
}

const struct svi_result *svi_outbox_result(const struct svi_outbox *outbox, size_t i)
{
    return &outbox->results[i];
}

int64_t svi_outbox_id(const struct svi_outbox *outbox, size_t i)
{
    return outbox->ids[i];
}

char *svi_outbox_path(const struct svi_outbox *outbox, size_t i)
{
    char path[PATH_MAX];
    return svi_format(path, sizeof path, "%s/%s", outbox->folder, outbox->results[i].name) ? strdup(path) : NULL;
}

/* Not synced: a process that dies takes no mark with it, and a machine that does costs another saving. */
void svi_outbox_saved(struct svi_outbox *outbox, size_t i, int64_t id)
{
    char line[48];
    outbox->ids[i] = id;
    svi_format(line, sizeof line, "%zu %" PRId64 "\n", i, id);
    if (!add_mark(outbox, line))
        svi_log(SVI_LOG_WARNING, "it cannot be kept that result %zu was saved: %s", i, strerror(errno));
}

/* The marks stay: each is outdone by that of the next saving, and an attempt that believes them learns the same as this one. */
void svi_outbox_lost(struct svi_outbox *outbox)
{
    memset(outbox->ids, 0, sizeof outbox->ids);
}

void svi_outbox_close(struct svi_outbox *outbox)
{
    struct svi_error err = { 0 };
    if (!outbox)
        return;
    if (!svi_outbox_sync(outbox, &err))
        svi_log(SVI_LOG_WARNING, "results that wait for the platform would not survive a power cut: %s", err.cause);
    close_entry(outbox);
}

void svi_outbox_remove(struct svi_outbox *outbox, const char *back)
{
    if (!outbox)
        return;
    struct svi_error err = { 0 };
    const bool gone = back && rename(outbox->folder, back) == 0;
    if (!gone && !svi_remove_tree(outbox->folder, &err))
        svi_log(SVI_LOG_WARNING, "results that the platform has stay behind: %s", err.cause);
    close_entry(outbox);
}

static void clean_entry(const char *folder, double age_s)
{
    struct stat about;
    struct svi_error ignored = { 0 };
    if (stat(folder, &about) != 0 || difftime(time(NULL), about.st_mtime) < age_s)
        return;
    int list = hold_list(folder);
    if (list < 0)
        return;
    svi_remove_tree(folder, &ignored);
    close(list);
}

void svi_outbox_clean(const char *root, double age_s)
{
    char box[PATH_MAX], path[PATH_MAX];
    DIR *entries = svi_format(box, sizeof box, "%s/%s", root, box_name) ? opendir(box) : NULL;
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        if (entry->d_name[0] != '.' && svi_format(path, sizeof path, "%s/%s", box, entry->d_name))
            clean_entry(path, age_s);
    if (entries)
        closedir(entries);
}
