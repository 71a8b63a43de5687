/* label.h - what a user calls a file, made fit to be shown; and what its ending says. */
#ifndef SVI_CAPTURE_LABEL_H
#define SVI_CAPTURE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum { SVI_LABEL_SHOWN = 100 };

/* A file's label for a message. A long one loses its beginning: the end tells more. */
void svi_label_shown(char into[SVI_LABEL_SHOWN], const char *label);

/* The label without folders, and without this ending if it has it. */
void svi_label_stem(char *into, size_t size, const char *label, const char *ending);

/* True where the label has this ending, in whatever case. */
bool svi_label_ends(const char *label, const char *ending);

/* True where a name means the file of this label: the label, its part behind the last slash, or that without its last ending. */
bool svi_label_names(const char *label, const char *name);

#endif
