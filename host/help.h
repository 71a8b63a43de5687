/* help.h - the texts that are made from the tables of commands and options: help, man page, version. */
#ifndef SVI_HOST_HELP_H
#define SVI_HOST_HELP_H

#include "host/options.h"

#include <stdio.h>

/* Of one command, or of the program for SVI_NO_COMMAND. */
void svi_help_print(FILE *to, enum svi_command command);

/* In the language of man pages, section 1. */
void svi_man_print(FILE *to);

/* Program, commit, and the libraries in use with their versions, one on a line. */
void svi_version_print(FILE *to);

#endif
