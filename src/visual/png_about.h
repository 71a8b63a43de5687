/* png_about.h - what a picture says of itself: the part of its summary that stands in the PNG, in the same words, and how it is
 * read from there again. Schema: docs/figures.md. */
#ifndef SVI_VISUAL_PNG_ABOUT_H
#define SVI_VISUAL_PNG_ABOUT_H

#include "visual/png_read.h"
#include "visual/visual.h"

/* The keyword of the text that holds it. */
#define SVI_PICTURE_KEYWORD "svi-worker"

/* What a summary's `schema` says. */
#define SVI_SUMMARY_SCHEMA "svi-worker.summary/1"

/* Adds to the axes of run->image what turns a pixel into a value: where they start, how far one pixel goes, and the moment that is
 * 0 s. */
bool svi_picture_add_transform(struct svi_run *run, struct svi_error *err);

/* Schema, type, recording or table (`drawn`), parameters, image, device, program: what is the same each time the same picture is
 * made. A new object that the caller ends; NULL without memory. */
json_t *svi_picture_about(const struct svi_run *run, const json_t *drawn);

/* Likewise for all that a summary and a picture say of the machine and the program; new objects. */
json_t *svi_about_device(const struct svi_run *run);
json_t *svi_about_program(void);

/* Finds in a PNG what svi_picture_about had said; *about: an object that the caller ends. SVI_BAD_RECORDING: no PNG, a damaged one,
 * or one that is not ours. */
bool svi_picture_read(json_t **about, struct svi_png_facts *facts, struct svi_bytes png, const char *label, struct svi_error *err);

#endif
