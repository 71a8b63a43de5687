#include "capture/sigmf_pair.h"

#include "base/file.h"
#include "base/json.h"
#include "capture/label.h"
#include "capture/mapped_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLLECTION_BYTES = 4 << 20 };

static bool has(struct svi_bytes text, const char *word)
{
    return memmem(text.at, text.count, word, strlen(word)) != NULL;
}

enum svi_sigmf_kind svi_sigmf_kind(struct svi_bytes head)
{
    size_t i = head.count >= 3 && !memcmp(head.at, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (i < head.count && isspace(head.at[i]))
        i++;
    if (i == head.count || head.at[i] != '{')
        return SVI_SIGMF_OTHER;
    if (has(head, "\"collection\"") && has(head, "\"core:") && !has(head, "\"global\""))
        return SVI_SIGMF_COLLECTION;
    return has(head, "\"core:") || has(head, "\"global\"") ? SVI_SIGMF_METADATA : SVI_SIGMF_OTHER;
}

/* ---- the files of a request, sorted ---- */

/* Numbers of the request's files that are metadata, by content, or by label where none is by content. */
struct sorted {
    size_t *metas, meta_count;
    size_t collection; /* file_count: none */
};

static bool kind_of(const struct svi_capture_request *request, size_t i, enum svi_sigmf_kind *kind, struct svi_error *err)
{
    const struct svi_file *file = &request->files[i];
    struct svi_mapped_file *mapped;
    if (!svi_mapped_file_open_span(&mapped, file->path, svi_capture_span(request, i), file->label, err))
        return false;
    *kind = svi_sigmf_kind(svi_mapped_file_head(mapped, SVI_FORMAT_HEAD_BYTES));
    svi_mapped_file_close(mapped);
    return true;
}

static bool sort_files(struct sorted *out, const struct svi_capture_request *request, struct svi_error *err)
{
    *out = (struct sorted){ .collection = request->file_count, .metas = calloc(request->file_count, sizeof(size_t)) };
    if (!out->metas)
        return svi_fail_memory(err, request->file_count * sizeof(size_t));
    for (size_t i = 0; i < request->file_count; i++) {
        enum svi_sigmf_kind kind;
        if (!kind_of(request, i, &kind, err))
            return false;
        if (kind == SVI_SIGMF_METADATA)
            out->metas[out->meta_count++] = i;
        else if (kind == SVI_SIGMF_COLLECTION && out->collection == request->file_count)
            out->collection = i;
    }
    for (size_t i = 0, found = out->meta_count; !found && i < request->file_count; i++)
        if (svi_label_ends(request->files[i].label, SVI_SIGMF_META_ENDING))
            out->metas[out->meta_count++] = i;
    return true;
}

/* ---- collections ---- */

/* "a, b and 3 more", of the names that `name_of` gives. */
static void list_names(char *into, size_t size, const void *self, size_t count, const char *(*name_of)(const void *self, size_t i))
{
    into[0] = '\0';
    for (size_t i = 0, used = 0; i < count; i++, used = strlen(into)) {
        char shown[SVI_LABEL_SHOWN];
        svi_label_shown(shown, name_of(self, i));
        if (used + strlen(shown) + 24 > size) {
            svi_format(into + used, size - used, " and %zu more", count - i);
            return;
        }
        svi_format(into + used, size - used, "%s%s", i ? ", " : "", shown);
    }
}

/* A stream is {"name": …, "hash": …}, or, in older versions, [name, hash]; "" where it is neither, or is a path. */
static const char *stream_name(const void *streams, size_t i)
{
    const json_t *stream = json_array_get(streams, i);
    const json_t *name = json_is_array(stream) ? json_array_get(stream, 0) : json_object_get(stream, "name");
    const char *text = json_string_value(name);
    return text && json_string_length(name) == strlen(text) && !strchr(text, '/') && text[0] != '.' ? text : "";
}

/* The tree, which the caller ends; *streams lies in it. */
static json_t *read_collection(const struct svi_capture_request *request, size_t i, const json_t **streams, struct svi_error *err)
{
    const struct svi_file *file = &request->files[i];
    char shown[SVI_LABEL_SHOWN];
    struct svi_mapped_file *mapped;
    svi_label_shown(shown, file->label);
    if (!svi_mapped_file_open_span(&mapped, file->path, svi_capture_span(request, i), file->label, err))
        return NULL;
    struct svi_bytes text = svi_mapped_file_bytes(mapped);
    json_t *tree = NULL;
    if (text.count > MOST_COLLECTION_BYTES)
        svi_fail(err, SVI_BAD_RECORDING, "The collection %s has %zu bytes; at most %d are read.", shown, text.count,
                 MOST_COLLECTION_BYTES);
    else
        tree = svi_json_parse(text, shown, SVI_BAD_RECORDING, err);
    svi_mapped_file_close(mapped);
    *streams = json_object_get(json_object_get(tree, "collection"), "core:streams");
    if (!tree || (json_is_array(*streams) && json_array_size(*streams)))
        return tree;
    svi_fail(err, SVI_BAD_RECORDING, "The collection %s names no recordings: core:streams is %s.", shown,
             json_is_array(*streams) ? "empty" : svi_json_kind(*streams));
    json_decref(tree);
    return NULL;
}

/* Which of the names is wished for: `wanted`, or the first, with a note. */
static bool pick(struct svi_sigmf_pair *pair, size_t *picked, const char *where, const char *wanted, const void *self, size_t count,
                 const char *(*name_of)(const void *self, size_t i), struct svi_error *err)
{
    char names[200], shown[SVI_LABEL_SHOWN];
    list_names(names, sizeof names, self, count, name_of);
    *picked = 0;
    while (wanted && *picked < count && !svi_label_names(name_of(self, *picked), wanted))
        ++*picked;
    if (*picked == count) {
        svi_label_shown(shown, wanted);
        return svi_fail(err, SVI_BAD_PARAMETER, "There is no recording \"%s\" in %s; it holds: %s.", shown, where, names);
    }
    if (!wanted && count > 1) {
        svi_label_shown(shown, name_of(self, *picked));
        svi_format(pair->note, sizeof pair->note, "%s is drawn of %zu recordings in %s: %s. Pick one with the parameter recording.",
                   shown, count, where, names);
        pair->note[svi_utf8_fit(pair->note, strlen(pair->note))] = '\0';
    }
    return true;
}

/* A collection alone: its recordings lie beside it. */
static bool open_stream(struct svi_sigmf_pair *pair, const struct svi_capture_request *request, size_t collection,
                        struct svi_error *err)
{
    const struct svi_file *file = &request->files[collection];
    const json_t *streams;
    char where[SVI_LABEL_SHOWN];
    size_t picked;
    svi_label_shown(where, file->label);
    if (!request->look_beside)
        return svi_fail(err, SVI_BAD_RECORDING, "The collection %s came without its recordings. Give their files too.", where);
    json_t *tree = read_collection(request, collection, &streams, err);
    bool ok = tree && pick(pair, &picked, where, request->recording, streams, json_array_size(streams), stream_name, err);
    const char *name = ok ? stream_name(streams, picked) : "";
    if (ok && !*name)
        ok = svi_fail(err, SVI_BAD_RECORDING, "The collection %s names a recording by something that is no file name.", where);
    ok = ok
         && ((svi_format(pair->meta_path, sizeof pair->meta_path, "%.*s%s%s", (int)(svi_base_name(file->path) - file->path),
                         file->path, name, SVI_SIGMF_META_ENDING)
              && svi_format(pair->meta_label, sizeof pair->meta_label, "%.*s%s%s", (int)(svi_base_name(file->label) - file->label),
                            file->label, name, SVI_SIGMF_META_ENDING))
             || svi_fail(err, SVI_BAD_RECORDING, "The collection %s names a recording that is longer than a path may be.", where));
    json_decref(tree);
    pair->meta = (struct svi_file){ .path = pair->meta_path, .label = pair->meta_label };
    pair->meta_number = collection;
    return ok;
}

/* ---- the metadata ---- */

/* The text of a file's name with its ending exchanged, or, where `name` is given, with that behind its folder. */
static bool exchange(char into[PATH_MAX], const char *text, const char *ending, const char *other_ending, const char *name)
{
    if (name[0])
        return svi_format(into, PATH_MAX, "%.*s%s", (int)(svi_base_name(text) - text), text, name);
    return svi_label_ends(text, ending)
           && svi_format(into, PATH_MAX, "%.*s%s", (int)(strlen(text) - strlen(ending)), text, other_ending);
}

static bool metadata_beside(struct svi_sigmf_pair *pair, const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_file *only = &request->files[0];
    if (request->look_beside && request->file_count == 1
        && exchange(pair->meta_path, only->path, SVI_SIGMF_DATA_ENDING, SVI_SIGMF_META_ENDING, "")
        && exchange(pair->meta_label, only->label, SVI_SIGMF_DATA_ENDING, SVI_SIGMF_META_ENDING, "")) {
        pair->meta = (struct svi_file){ .path = pair->meta_path, .label = pair->meta_label };
        pair->meta_number = request->file_count;
        pair->data = *only;
        pair->has_data = true;
        return true;
    }
    char labels[256];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    return svi_fail(err, SVI_BAD_RECORDING,
                    "No SigMF metadata came with %s. A recording is a .sigmf-meta file and its data; give both.", labels);
}

/* The metadata files by number, for pick. */
struct choice {
    const struct svi_capture_request *request;
    const struct sorted *sorted;
};

static const char *meta_name(const void *self, size_t i)
{
    const struct choice *choice = self;
    return choice->request->files[choice->sorted->metas[i]].label;
}

static bool pick_metadata(struct svi_sigmf_pair *pair, const struct sorted *sorted, const struct svi_capture_request *request,
                          struct svi_error *err)
{
    const struct choice choice = { request, sorted };
    const bool any = request->spans || sorted->collection < request->file_count;
    char labels[256];
    size_t picked = 0;
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    if (sorted->meta_count > 1 && !request->recording && !any)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "There is more than one SigMF metadata file in %s. Give the files of one recording, or pick one with the "
                        "parameter recording.",
                        labels);
    if (!pick(pair, &picked, request->spans ? "the archive" : "what came", request->recording, &choice, sorted->meta_count,
              meta_name, err))
        return false;
    pair->meta_number = sorted->metas[picked];
    pair->meta = request->files[pair->meta_number];
    if (request->spans)
        pair->meta_span = request->spans[pair->meta_number];
    return true;
}

bool svi_sigmf_pair_meta(struct svi_sigmf_pair *pair, const struct svi_capture_request *request, struct svi_error *err)
{
    struct sorted sorted;
    bool ok = sort_files(&sorted, request, err);
    if (ok && sorted.meta_count)
        ok = pick_metadata(pair, &sorted, request, err);
    else if (ok)
        ok = sorted.collection < request->file_count ? open_stream(pair, request, sorted.collection, err)
                                                     : metadata_beside(pair, request, err);
    free(sorted.metas);
    return ok;
}

/* ---- the data ---- */

static bool same_stem(const char *meta_label, const char *label)
{
    size_t meta = strlen(meta_label), data = strlen(label), ending = strlen(SVI_SIGMF_META_ENDING);
    return svi_label_ends(meta_label, SVI_SIGMF_META_ENDING) && svi_label_ends(label, SVI_SIGMF_DATA_ENDING) && meta == data
           && !strncmp(meta_label, label, meta - ending);
}

/* How well a file's label says that it is the data. */
static int fitness(const char *label, const char *dataset, const char *meta_label)
{
    const char *ending = strrchr(dataset, '.');
    if (dataset[0] && !strcmp(svi_base_name(label), dataset))
        return 4;
    if (!dataset[0] && same_stem(meta_label, label))
        return 3;
    return svi_label_ends(label, ending ? ending : SVI_SIGMF_DATA_ENDING) ? 2 : 1;
}

static bool data_beside(struct svi_sigmf_pair *pair, const struct svi_sigmf *meta, bool look, struct svi_error *err)
{
    if (look && exchange(pair->data_path, pair->meta.path, SVI_SIGMF_META_ENDING, SVI_SIGMF_DATA_ENDING, meta->dataset)
        && exchange(pair->data_label, pair->meta.label, SVI_SIGMF_META_ENDING, SVI_SIGMF_DATA_ENDING, meta->dataset)) {
        pair->data = (struct svi_file){ .path = pair->data_path, .label = pair->data_label };
        return true;
    }
    char label[SVI_LABEL_SHOWN];
    svi_label_shown(label, pair->meta.label);
    return svi_fail(err, SVI_BAD_RECORDING, "%s came without its data. Give the .sigmf-data file too.", label);
}

/* The data among the other files: the one whose label fits best, as long as there is one such. */
bool svi_sigmf_pair_data(struct svi_sigmf_pair *pair, struct svi_sigmf *meta, const struct svi_capture_request *request,
                         struct svi_error *err)
{
    int best = 0;
    size_t candidates = 0, others = 0;
    if (pair->note[0])
        svi_warn(&meta->warnings, "%s", pair->note);
    if (pair->has_data)
        return true;
    for (size_t i = 0; i < request->file_count; i++) {
        if (i == pair->meta_number)
            continue;
        others++;
        int fit = fitness(request->files[i].label, meta->dataset, pair->meta.label);
        if (fit > best) {
            best = fit;
            candidates = 0;
            pair->data = request->files[i];
            if (request->spans)
                pair->data_span = request->spans[i];
        }
        candidates += fit == best;
    }
    if (!others)
        return data_beside(pair, meta, request->look_beside, err);
    char labels[256];
    svi_capture_labels(labels, sizeof labels, request->files, request->file_count);
    if (candidates > 1)
        return svi_fail(err, SVI_BAD_RECORDING, "More than one file could hold the samples in %s. Give the files of one recording.",
                        labels);
    if (others > 1 && !pair->note[0] && !request->recording) {
        svi_label_shown(labels, pair->data.label);
        svi_warn(&meta->warnings, "The samples are taken from %s; %zu other files were not used.", labels, others - 1);
    }
    return true;
}
