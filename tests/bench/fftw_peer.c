/* fftw_peer - what a hand-written CPU program reaches: FFTW in as many threads as there are processors, PATIENT, with conversion,
 * window, power and its sum over all frames. Prints "LENGTH DATATYPE SECONDS" for each length that `svi-worker bench` measures;
 * seconds is that of the fastest round.
 *
 *     cc -O3 -march=native -ffast-math fftw_peer.c -o fftw_peer -lfftw3f -lpthread -lm
 *     ./fftw_peer SAMPLES ROUNDS [WISDOM]     plans are kept in the file WISDOM */
#define _GNU_SOURCE
#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LEAST_LENGTH = 256, MOST_LENGTH = 16384, LEAST_FRAMES = 32, MOST_THREADS = 64, MOST_ROUNDS = 99 };

struct work {
    const void *samples;
    int floats; /* cf32, else ci16 */
    int length;
    const float *window;
    size_t first_frame, end_frame;
    fftwf_plan plan;
    fftwf_complex *frame;
    float *sum;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *run(void *self)
{
    struct work *work = self;
    const int length = work->length;
    float *frame = (float *)work->frame;
    memset(work->sum, 0, (size_t)length * sizeof *work->sum);
    for (size_t f = work->first_frame; f < work->end_frame; f++) {
        const size_t at = 2 * f * (size_t)length / 2;
        if (work->floats) {
            const float *in = (const float *)work->samples + at;
            for (int i = 0; i < length; i++) {
                frame[2 * i] = in[2 * i] * work->window[i];
                frame[2 * i + 1] = in[2 * i + 1] * work->window[i];
            }
        } else {
            const int16_t *in = (const int16_t *)work->samples + at;
            for (int i = 0; i < length; i++) {
                frame[2 * i] = in[2 * i] * work->window[i];
                frame[2 * i + 1] = in[2 * i + 1] * work->window[i];
            }
        }
        fftwf_execute(work->plan);
        for (int i = 0; i < length; i++)
            work->sum[i] += frame[2 * i] * frame[2 * i] + frame[2 * i + 1] * frame[2 * i + 1];
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const void *samples, size_t sample_count, int floats, int length, int rounds, int threads)
{
    struct work works[MOST_THREADS];
    pthread_t handles[MOST_THREADS];
    double seconds[MOST_ROUNDS + 1];
    const size_t frames = (sample_count - (size_t)length) / ((size_t)length / 2) + 1;
    float *window = fftwf_alloc_real((size_t)length);
    for (int i = 0; i < length; i++)
        window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * i / length)) / 32768;
    for (int t = 0; t < threads; t++) {
        works[t] = (struct work){ samples,
                                  floats,
                                  length,
                                  window,
                                  frames * (size_t)t / (size_t)threads,
                                  frames * (size_t)(t + 1) / (size_t)threads,
                                  NULL,
                                  fftwf_alloc_complex((size_t)length),
                                  fftwf_alloc_real((size_t)length) };
        works[t].plan = fftwf_plan_dft_1d(length, works[t].frame, works[t].frame, FFTW_FORWARD, FFTW_PATIENT);
    }
    for (int round = 0; round <= rounds; round++) {
        const double begin_s = now_s();
        for (int t = 1; t < threads; t++)
            pthread_create(&handles[t], NULL, run, &works[t]);
        run(&works[0]);
        for (int t = 1; t < threads; t++)
            pthread_join(handles[t], NULL);
        seconds[round] = now_s() - begin_s;
    }
    qsort(seconds + 1, (size_t)rounds, sizeof *seconds, by_size);
    printf("%d %s %.6f\n", length, floats ? "cf32_le" : "ci16_le", seconds[1]);
    fflush(stdout);
    for (int t = 0; t < threads; t++) {
        fftwf_destroy_plan(works[t].plan);
        fftwf_free(works[t].frame);
        fftwf_free(works[t].sum);
    }
    fftwf_free(window);
}

int main(int argc, char **argv)
{
    const size_t samples = argc > 1 ? strtoull(argv[1], NULL, 10) : 16777216;
    const int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int threads = processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (int)processors;
    if (rounds < 1 || rounds > MOST_ROUNDS)
        return 2;
    if (argc > 3)
        fftwf_import_wisdom_from_filename(argv[3]);
    for (int floats = 0; floats < 2; floats++) {
        void *data = malloc(samples * (floats ? 8 : 4));
        if (!data)
            return 1;
        for (size_t i = 0; i < 2 * samples; i++)
            if (floats)
                ((float *)data)[i] = (float)(rand() % 2000 - 1000);
            else
                ((int16_t *)data)[i] = (int16_t)(rand() % 2000 - 1000);
        for (int length = LEAST_LENGTH; length <= MOST_LENGTH && (size_t)length * LEAST_FRAMES <= samples; length *= 2)
            measure(data, samples, floats, length, rounds, threads);
        free(data);
    }
    if (argc > 3)
        fftwf_export_wisdom_to_filename(argv[3]);
    return 0;
}
