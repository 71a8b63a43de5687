#include "capture/checksum.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum { PIECE = 4 << 20 };

static bool digest(EVP_MD_CTX *context, char hex[SVI_SHA512_DIGITS + 1], struct svi_mapped_file *file,
                   const struct svi_capture_request *request, struct svi_error *err)
{
    const struct svi_bytes bytes = svi_mapped_file_bytes(file);
    bool ok = context && EVP_DigestInit_ex(context, EVP_sha512(), NULL) == 1;
    for (size_t at = 0; ok && at < bytes.count; at += PIECE) {
        struct svi_bytes piece;
        const size_t count = bytes.count - at < PIECE ? bytes.count - at : PIECE;
        if (request->go_on && !request->go_on(request->go_on_self))
            return svi_fail(err, SVI_CANCELLED, "The work was stopped.");
        if (!svi_mapped_file_view(file, at, count, &piece, err))
            return false;
        ok = EVP_DigestUpdate(context, piece.at, piece.count) == 1;
        svi_mapped_file_forget(file, at + count);
    }
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    ok = ok && EVP_DigestFinal_ex(context, sum, &count) == 1 && count * 2 == SVI_SHA512_DIGITS;
    for (unsigned i = 0; ok && i < count; i++)
        svi_format(hex + (size_t)i * 2, 3, "%02x", sum[i]);
    return ok || svi_fail_memory(err, EVP_MAX_MD_SIZE);
}

bool svi_checksum_check(enum svi_checksum *out, struct svi_mapped_file *file, const char *stated,
                        const struct svi_capture_request *request, struct svi_error *err)
{
    char hex[SVI_SHA512_DIGITS + 1] = "";
    *out = stated[0] ? SVI_CHECKSUM_UNCHECKED : SVI_CHECKSUM_NONE;
    if (!stated[0] || request->verify == SVI_VERIFY_NEVER
        || (request->verify == SVI_VERIFY_USUAL && svi_mapped_file_bytes(file).count > SVI_CHECKSUM_USUAL_BYTES))
        return true;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = digest(context, hex, file, request, err);
    EVP_MD_CTX_free(context);
    if (ok)
        *out = strcasecmp(hex, stated) ? SVI_CHECKSUM_WRONG : SVI_CHECKSUM_RIGHT;
    return ok;
}
