#include "visual/select.h"

#include <stdlib.h>

/* Hoare's. Values may be made such that each round takes away next to nothing: then they are sorted after all. */
enum { FEW = 16, MOST_ROUNDS = 64 };

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of_three(double a, double b, double c)
{
    const double least = a < b ? a : b, largest = a < b ? b : a;
    return c < least ? least : c > largest ? largest : c;
}

/* Values [begin, end); on return [begin, *low) are at most the pivot, [*high, end) at least, and those between are it. */
static void part(double *values, size_t begin, size_t end, size_t *low, size_t *high)
{
    const double pivot = median_of_three(values[begin], values[begin + (end - begin) / 2], values[end - 1]);
    size_t i = begin, j = end;
    while (i < j) {
        while (values[i] < pivot)
            i++;
        while (values[j - 1] > pivot)
            j--;
        if (i < j) {
            const double swapped = values[i];
            values[i++] = values[j - 1];
            values[--j] = swapped;
        }
    }
    *low = j;
    *high = i;
}

void svi_select(double *values, size_t count, size_t k)
{
    size_t begin = 0, end = count;
    for (int round = 0; round < MOST_ROUNDS && end - begin > FEW; round++) {
        size_t low, high;
        part(values, begin, end, &low, &high);
        if (k < low)
            end = low;
        else if (k >= high)
            begin = high;
        else
            return;
    }
    qsort(values + begin, end - begin, sizeof *values, by_value);
}
