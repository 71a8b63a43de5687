/* dice.h - random numbers that are the same in each run of a test. */
#ifndef SVI_TESTS_DICE_H
#define SVI_TESTS_DICE_H

#include <math.h>
#include <stdint.h>

/* Starts with any seed. The generator is Knuth's MMIX line; its high bits are the good ones. */
struct dice {
    uint64_t state;
};

static inline uint32_t dice_bits(struct dice *dice)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice->state >> 32);
}

/* 0 … limit − 1 */
static inline uint32_t dice_below(struct dice *dice, uint32_t limit)
{
    return (uint32_t)((uint64_t)dice_bits(dice) * limit >> 32);
}

/* [0, 1) */
static inline double dice_share(struct dice *dice)
{
    return dice_bits(dice) / 4294967296.0;
}

/* Each power of ten as often as the next. */
static inline double dice_log(struct dice *dice, double least, double most)
{
    return least * pow(most / least, dice_share(dice));
}

#endif
