#include "capture/drf_tree.h"

#include "base/file.h"
#include "capture/drf_file.h"
#include "capture/format.h"
#include "capture/label.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_NAMES = 1 << 20, MOST_CHANNELS = 1000 };

/* Sorted names of a folder's entries of one kind. */
struct names {
    size_t count, room;
    char **at;
};

static void clear_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct names){ 0 };
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(struct names *names, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room ? names->room * 2 : 64;
        char **at = room <= MOST_NAMES ? realloc(names->at, room * sizeof *at) : NULL;
        if (!at)
            return false;
        names->at = at;
        names->room = room;
    }
    names->at[names->count] = strdup(name);
    return names->at[names->count] && ++names->count;
}

static bool is_kind(const char *path, mode_t kind)
{
    struct stat about;
    return stat(path, &about) == 0 && (about.st_mode & S_IFMT) == kind;
}

/* Entries of this kind; links that point elsewhere are not followed: a recording is what lies in its folder. */
static bool list_folder(struct names *out, const char *path, mode_t kind)
{
    DIR *folder = opendir(path);
    bool ok = folder != NULL;
    *out = (struct names){ 0 };
    for (struct dirent *entry; ok && (entry = readdir(folder));) {
        struct stat about;
        if (entry->d_name[0] != '.' && fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0
            && (about.st_mode & S_IFMT) == kind)
            ok = add_name(out, entry->d_name);
    }
    if (folder)
        closedir(folder);
    if (ok && out->count)
        qsort(out->at, out->count, sizeof *out->at, by_text);
    if (!ok)
        clear_names(out);
    return ok;
}

static bool join(char into[PATH_MAX], const char *folder, const char *name)
{
    return svi_format(into, PATH_MAX, "%s/%s", folder, name);
}

static bool has_file(const char *folder, const char *name)
{
    char path[PATH_MAX];
    return join(path, folder, name) && is_kind(path, S_IFREG);
}

/* Finds a folder's properties; false where it has none. Those of samples and those of metadata were both called metadata.h5 before
 * version 2.5. */
static bool find_properties(char into[PATH_MAX], const char *folder, const char *name, enum svi_drf_kind kind)
{
    if (has_file(folder, name))
        return join(into, folder, name);
    hid_t file = has_file(folder, "metadata.h5") && join(into, folder, "metadata.h5") ? svi_drf_open_h5(into) : -1;
    const bool found = file >= 0 && svi_drf_kind(file) == kind;
    if (file >= 0)
        H5Fclose(file);
    if (!found)
        into[0] = '\0';
    return found;
}

static bool find_channel_properties(char into[PATH_MAX], const char *folder)
{
    return find_properties(into, folder, "drf_properties.h5", SVI_DRF_OTHER);
}

static bool find_metadata_properties(char into[PATH_MAX], const char *folder)
{
    return find_properties(into, folder, "dmd_properties.h5", SVI_DRF_METADATA_PROPERTIES);
}

/* "2014-03-09T12-30-30": folders of that name hold files of data. */
static bool is_moment(const char *name)
{
    static const char pattern[] = "dddd-dd-ddTdd-dd-dd";
    size_t i = 0;
    for (; pattern[i] && name[i]; i++)
        if (pattern[i] == 'd' ? !isdigit((unsigned char)name[i]) : name[i] != pattern[i])
            return false;
    return !pattern[i] && !name[i];
}

/* The number behind the @ of "rf@1394368230.000.h5"; false for names without one, and for files that are still written. */
static bool read_second(const char *name, uint64_t *second)
{
    const char *at = strchr(name, '@');
    *second = 0;
    if (!at || !strncmp(name, "tmp.", 4) || !svi_label_ends(name, ".h5"))
        return false;
    size_t digits = strspn(at + 1, "0123456789");
    if (!digits || digits > 18)
        return false;
    for (size_t i = 1; i <= digits; i++)
        *second = *second * 10 + (uint64_t)(at[i] - '0');
    return true;
}

static bool add_path(struct svi_drf_paths *paths, const char *path, const char *label, uint64_t second)
{
    if (paths->count == paths->room) {
        size_t room = paths->room ? paths->room * 2 : 64;
        struct svi_drf_path *at = room <= SVI_DRF_MOST_FILES ? realloc(paths->at, room * sizeof *at) : NULL;
        if (!at)
            return false;
        paths->at = at;
        paths->room = room;
    }
    char shown[SVI_LABEL_SHOWN];
    svi_label_shown(shown, label);
    struct svi_drf_path new = { strdup(path), strdup(shown), second };
    if (new.path &&new.label) {
        paths->at[paths->count++] = new;
        return true;
    }
    free(new.path);
    free(new.label);
    return false;
}

static bool add_files_of(struct svi_drf_paths *paths, const char *folder)
{
    struct names files;
    bool ok = list_folder(&files, folder, S_IFREG);
    for (size_t i = 0; ok && i < files.count; i++) {
        uint64_t second;
        char path[PATH_MAX];
        if (read_second(files.at[i], &second))
            ok = join(path, folder, files.at[i]) && add_path(paths, path, files.at[i], second);
    }
    clear_names(&files);
    return ok;
}

static int by_second(const void *a, const void *b)
{
    const struct svi_drf_path *left = a, *right = b;
    if (left->second != right->second)
        return left->second < right->second ? -1 : 1;
    return strcmp(left->path, right->path);
}

/* Files in the folder itself and in its folders that are named by a moment. */
static bool add_channel_files(struct svi_drf_paths *paths, const char *folder)
{
    struct names below;
    bool ok = add_files_of(paths, folder) && list_folder(&below, folder, S_IFDIR);
    if (!ok)
        return false;
    for (size_t i = 0; ok && i < below.count; i++) {
        char path[PATH_MAX];
        if (is_moment(below.at[i]))
            ok = join(path, folder, below.at[i]) && add_files_of(paths, path);
    }
    clear_names(&below);
    if (paths->count)
        qsort(paths->at, paths->count, sizeof *paths->at, by_second);
    return ok;
}

static bool is_channel(const char *folder)
{
    struct names below;
    char properties[PATH_MAX];
    bool found = find_channel_properties(properties, folder);
    if (found || find_metadata_properties(properties, folder) || !list_folder(&below, folder, S_IFDIR))
        return found;
    for (size_t i = 0; i < below.count && !found; i++)
        found = is_moment(below.at[i]);
    clear_names(&below);
    return found;
}

static bool fail_folder(const char *path, struct svi_error *err)
{
    const char *why = errno == EACCES || errno == EIO ? strerror(errno) : "it has more files than can be";
    return svi_fail(err, SVI_IO, "The folder %s of the recording cannot be read: %s.", svi_base_name(path), why)
           || svi_because(err, "%s: %s", path, strerror(errno));
}

/* By convention the folder of metadata is "metadata"; where it is not there, any is taken. */
static bool add_metadata(struct svi_drf_tree *tree, const char *folder, const struct names *below, struct svi_error *err)
{
    bool ok = true;
    for (int any = 0; any < 2; any++)
        for (size_t i = 0; ok && i < below->count && !tree->metadata.count; i++) {
            char path[PATH_MAX];
            if ((any || !strcmp(below->at[i], "metadata")) && join(path, folder, below->at[i])
                && find_metadata_properties(tree->metadata_properties, path))
                ok = add_channel_files(&tree->metadata, path) || fail_folder(path, err);
        }
    return ok;
}

/* One channel's folder; its metadata lie in a folder of it. */
static bool read_channel(struct svi_drf_tree *tree, const char *folder, struct svi_error *err)
{
    struct names below;
    find_channel_properties(tree->properties, folder);
    if (!add_channel_files(&tree->data, folder) || !list_folder(&below, folder, S_IFDIR))
        return fail_folder(folder, err);
    const bool ok = add_metadata(tree, folder, &below, err);
    clear_names(&below);
    return ok;
}

/* Which of the channels is wanted. */
static bool pick_channel(size_t *out, struct svi_drf_tree *tree, const struct names *channels, const char *wanted,
                         const char *label, struct svi_warnings *warnings, struct svi_error *err)
{
    char list[256] = "", shown[SVI_LABEL_SHOWN];
    size_t picked = wanted ? channels->count : 0;
    for (size_t i = 0, used = 0; i < channels->count; i++, used = strlen(list)) {
        svi_label_shown(shown, channels->at[i]);
        svi_format(list + used, sizeof list - used, "%s%s", i ? ", " : "", shown);
        if (wanted && !strcmp(wanted, channels->at[i]))
            picked = i;
    }
    list[svi_utf8_fit(list, strlen(list))] = '\0';
    if (picked == channels->count) {
        svi_text_clean(shown, sizeof shown, wanted ? wanted : "");
        return svi_fail(err, SVI_BAD_PARAMETER, "%s has no channel \"%s\"; it has: %s.", label, shown, list);
    }
    svi_text_clean(tree->channel, sizeof tree->channel, channels->at[picked]);
    if (!wanted && channels->count > 1)
        svi_warn(warnings, "%s has several channels, of which %s is drawn: %s. Pick one with the parameter channel.", label,
                 tree->channel, list);
    *out = picked;
    return true;
}

static bool read_top(struct svi_drf_tree *tree, const char *folder, const char *wanted, const char *label,
                     struct svi_warnings *warnings, struct svi_error *err)
{
    struct names below, channels = { 0 };
    char path[PATH_MAX];
    size_t picked;
    if (!list_folder(&below, folder, S_IFDIR))
        return fail_folder(folder, err);
    bool ok = true;
    for (size_t i = 0; ok && i < below.count && channels.count < MOST_CHANNELS; i++)
        if (join(path, folder, below.at[i]) && is_channel(path))
            ok = add_name(&channels, below.at[i]) || svi_fail_memory(err, sizeof path);
    if (ok && !channels.count)
        ok = svi_fail(
            err, SVI_BAD_RECORDING,
            "The folder %s holds no Digital RF recording: no drf_properties.h5, and no folder that has one. Of a recording "
            "in another format, name the files, not their folder.",
            label);
    ok = ok && pick_channel(&picked, tree, &channels, wanted, label, warnings, err) && join(path, folder, channels.at[picked])
         && read_channel(tree, path, err);
    clear_names(&channels);
    clear_names(&below);
    return ok;
}

static bool read_folder(struct svi_drf_tree *tree, const struct svi_capture_request *request, const char *folder,
                        struct svi_warnings *warnings, struct svi_error *err)
{
    char label[SVI_LABEL_SHOWN], resolved[PATH_MAX];
    const char *name = request->files[0].label;
    if ((!*svi_base_name(name) || !strcmp(name, ".")) && realpath(folder, resolved))
        name = svi_base_name(resolved);
    svi_label_shown(label, name);
    if (!is_channel(folder))
        return read_top(tree, folder, request->channel, label, warnings, err);
    svi_text_clean(tree->channel, sizeof tree->channel, svi_base_name(label));
    return read_channel(tree, folder, err);
}

/* ---- a list of files ---- */

/* The folder in a label, without the one that is named by a moment: "top/ch0" of "top/ch0/2014-03-09T12-30-30/rf@1.000.h5". */
static void folder_of(char into[PATH_MAX], const char *label)
{
    svi_format(into, PATH_MAX, "%.*s", (int)(svi_base_name(label) - label), label);
    for (size_t end = strlen(into); end && into[end - 1] == '/'; end--)
        into[end - 1] = '\0';
    const char *last = svi_base_name(into);
    if (is_moment(last))
        into[last > into ? last - into - 1 : 0] = '\0';
}

/* What kind each file of the list is, and which folders hold data. */
struct listed {
    enum svi_drf_kind *kinds;
    struct names channels; /* "" for files without a folder */
};

static bool note_channel(struct names *channels, const char *folder)
{
    size_t i = channels->count;
    while (i && strcmp(channels->at[i - 1], folder) != 0)
        i--;
    return i || (channels->count < MOST_CHANNELS && add_name(channels, folder));
}

static bool look_at_files(struct listed *listed, const struct svi_capture_request *request, struct svi_error *err)
{
    listed->kinds = calloc(request->file_count, sizeof *listed->kinds);
    bool ok = listed->kinds != NULL;
    for (size_t i = 0; ok && i < request->file_count; i++) {
        const struct svi_file *file = &request->files[i];
        char folder[PATH_MAX];
        hid_t h5 = svi_drf_open_h5(file->path);
        listed->kinds[i] = h5 < 0 ? SVI_DRF_DATA : svi_drf_kind(h5); /* half-written data is named when it is opened */
        if (h5 >= 0)
            H5Fclose(h5);
        folder_of(folder, file->label);
        ok = listed->kinds[i] != SVI_DRF_DATA || note_channel(&listed->channels, folder);
    }
    if (ok && listed->channels.count)
        qsort(listed->channels.at, listed->channels.count, sizeof *listed->channels.at, by_text);
    return ok || svi_fail_memory(err, request->file_count * sizeof *listed->kinds);
}

/* How many bytes the folders of all channels begin with alike, up to a slash. */
static size_t common_folder(const struct names *channels)
{
    size_t same = 0;
    const char *first = channels->at[0], *last = channels->at[channels->count - 1];
    for (size_t i = 0; first[i] && first[i] == last[i]; i++)
        same = first[i] == '/' ? i + 1 : same;
    return same;
}

/* Picks by the names without what they have in common; *folder becomes the picked one's. */
static bool pick_folder(struct svi_drf_tree *tree, const struct names *channels, const struct svi_capture_request *request,
                        char folder[PATH_MAX], struct svi_warnings *warnings, struct svi_error *err)
{
    struct names shortened = { 0 };
    size_t picked;
    const size_t common = common_folder(channels);
    bool ok = true;
    for (size_t i = 0; ok && i < channels->count; i++)
        ok = add_name(&shortened, channels->at[i] + common) || svi_fail_memory(err, PATH_MAX);
    ok = ok && pick_channel(&picked, tree, &shortened, request->channel, "The recording", warnings, err);
    if (ok)
        svi_format(folder, PATH_MAX, "%s", channels->at[picked]);
    clear_names(&shortened);
    return ok;
}

static bool keep_file(struct svi_drf_tree *tree, const struct svi_file *file, enum svi_drf_kind kind, const char *channel,
                      struct svi_error *err)
{
    uint64_t second;
    char folder[PATH_MAX];
    const bool is_metadata = kind == SVI_DRF_METADATA || kind == SVI_DRF_METADATA_PROPERTIES;
    folder_of(folder, file->label);
    if (is_metadata && strchr(folder, '/'))
        *strrchr(folder, '/') = '\0';
    if (channel && strcmp(folder, channel) != 0)
        return true;
    read_second(svi_base_name(file->label), &second);
    if (kind == SVI_DRF_DATA || kind == SVI_DRF_METADATA)
        return add_path(is_metadata ? &tree->metadata : &tree->data, file->path, file->label, second)
               || svi_fail_memory(err, sizeof *file);
    char *properties = is_metadata ? tree->metadata_properties : tree->properties;
    if (!properties[0] && strlen(file->path) < sizeof tree->properties)
        svi_format(properties, sizeof tree->properties, "%s", file->path);
    return true;
}

/* A flat list: the content says what a file is, since names that storage gave mean nothing. Where they still have their folders, as
 * in an archive, these tell channels apart. */
static bool sort_files(struct svi_drf_tree *tree, const struct svi_capture_request *request, struct svi_warnings *warnings,
                       struct svi_error *err)
{
    struct listed listed = { 0 };
    char folder[PATH_MAX] = "";
    bool ok = look_at_files(&listed, request, err);
    const bool have_folders = ok && listed.channels.count && listed.channels.at[listed.channels.count - 1][0];
    if (have_folders)
        ok = pick_folder(tree, &listed.channels, request, folder, warnings, err);
    for (size_t i = 0; ok && i < request->file_count; i++)
        ok = keep_file(tree, &request->files[i], listed.kinds[i], have_folders ? folder : NULL, err);
    struct svi_drf_paths *lists[] = { &tree->data, &tree->metadata };
    for (size_t i = 0; i < 2; i++)
        if (lists[i]->count)
            qsort(lists[i]->at, lists[i]->count, sizeof *lists[i]->at, by_second);
    clear_names(&listed.channels);
    free(listed.kinds);
    return ok;
}

bool svi_drf_tree_find(struct svi_drf_tree *out, const struct svi_capture_request *request, struct svi_warnings *warnings,
                       struct svi_error *err)
{
    *out = (struct svi_drf_tree){ 0 };
    char folder[PATH_MAX], labels[256];
    const struct svi_file *first = &request->files[0];
    bool in_folder = request->file_count == 1 && request->look_beside && is_kind(first->path, S_IFDIR)
                     && svi_format(folder, sizeof folder, "%s", first->path);
    bool ok = in_folder ? read_folder(out, request, folder, warnings, err) : sort_files(out, request, warnings, err);
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    if (ok && !out->data.count)
        ok = svi_fail(err, SVI_BAD_RECORDING, "There are no files of samples (rf@….h5) in %s.", labels);
    if (!ok)
        svi_drf_tree_clear(out);
    return ok;
}

static void clear_paths(struct svi_drf_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->at[i].path);
        free(paths->at[i].label);
    }
    free(paths->at);
}

void svi_drf_tree_clear(struct svi_drf_tree *tree)
{
    clear_paths(&tree->data);
    clear_paths(&tree->metadata);
    *tree = (struct svi_drf_tree){ 0 };
}
