/* sigmf_pair.h - which of the files that came is the metadata of a SigMF recording, and which its data. Reads collections, but of
 * metadata no more than that it is such.
 *
 * Stored names cannot be trusted to belong together ("a/b/rec_x7Kq2.sigmf-meta"), so the content tells the metadata, and names
 * only choose where more than one file is left. */
#ifndef SVI_CAPTURE_SIGMF_PAIR_H
#define SVI_CAPTURE_SIGMF_PAIR_H

#include "capture/format.h"
#include "capture/sigmf.h"

#include <limits.h>

#define SVI_SIGMF_META_ENDING ".sigmf-meta"
#define SVI_SIGMF_DATA_ENDING ".sigmf-data"

enum svi_sigmf_kind { SVI_SIGMF_OTHER, SVI_SIGMF_METADATA, SVI_SIGMF_COLLECTION };

/* What a JSON object that speaks SigMF is, even if the rest of it is broken: the parser then says where. */
enum svi_sigmf_kind svi_sigmf_kind(struct svi_bytes head);

/* The two files of a recording. */
struct svi_sigmf_pair {
    struct svi_file meta, data;
    struct svi_span meta_span, data_span;
    bool has_data;
    size_t meta_number; /* in the request; its file_count where the metadata was found beside them */
    char note[240];     /* for the user, of how the recording was picked among several; "" for none */
    /* The texts of files that were found beside others. */
    char meta_path[PATH_MAX], meta_label[PATH_MAX], data_path[PATH_MAX], data_label[PATH_MAX];
};

/* The metadata file. Of several, request->recording names one; without it the first of a collection or an archive is taken, with a
 * note. The pair starts zeroed. */
bool svi_sigmf_pair_meta(struct svi_sigmf_pair *pair, const struct svi_capture_request *request, struct svi_error *err);

/* The data that go with it, unless the first step has found them; the note becomes a warning of the metadata. */
bool svi_sigmf_pair_data(struct svi_sigmf_pair *pair, struct svi_sigmf *meta, const struct svi_capture_request *request,
                         struct svi_error *err);

#endif
