/* label.h - texts from outside made fit to be shown: one line, well-formed UTF-8, no control characters, bounded. */
#ifndef SVI_CAPTURE_LABEL_H
#define SVI_CAPTURE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum { SVI_LABEL_SHOWN = 100 };

/* Copies what fits, whole characters only. Line ends and tabs become spaces; other control characters and bytes that are not
 * UTF-8 become U+FFFD. */
void svi_text_clean(char *into, size_t size, const char *text);

/* A file's label for a message. A long one loses its beginning: the end tells more. */
void svi_label_shown(char into[SVI_LABEL_SHOWN], const char *label);

/* The label without folders, and without this ending if it has it. */
void svi_label_stem(char *into, size_t size, const char *label, const char *ending);

/* True where the label has this ending, in whatever case. */
bool svi_label_ends(const char *label, const char *ending);

#endif
