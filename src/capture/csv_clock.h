/* csv_clock.h - the sample rate of rows that each tell their time. Knows nothing of cells. */
#ifndef SVI_CAPTURE_CSV_CLOCK_H
#define SVI_CAPTURE_CSV_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Starts zeroed. */
struct svi_csv_clock {
    uint64_t count;
    double first_s, last_s;
    double least_step_s, most_step_s;
    uint64_t least_line, most_line; /* where those steps end */
};

/* The time of the next row, of that line of the file. NAN: the row does not tell; the step over it will stand out. */
void svi_csv_clock_add(struct svi_csv_clock *clock, double time_s, uint64_t line);

/* Rows a second, in as few digits as the times allow (times of six decimals do not tell 44100 from 44100.02). False where a step is
 * more than 40 % off the mean one: *line is where. */
bool svi_csv_clock_rate(const struct svi_csv_clock *clock, double *rate_hz, uint64_t *line);

#endif
