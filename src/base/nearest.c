#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_NAME = 40, SHORTEST_START = 3, FAR = 2 * LONGEST_NAME };

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to add, drop or change, and neighbors to swap, to make one name of the other. */
static size_t distance(const char *a, const char *b)
{
    const size_t la = strnlen(a, LONGEST_NAME), lb = strnlen(b, LONGEST_NAME);
    size_t cell[LONGEST_NAME + 1][LONGEST_NAME + 1]; /* of the first i letters of a and the first k of b */
    for (size_t i = 0; i <= la; i++)
        cell[i][0] = i;
    for (size_t k = 0; k <= lb; k++)
        cell[0][k] = k;
    for (size_t i = 1; i <= la; i++)
        for (size_t k = 1; k <= lb; k++) {
            const size_t changed = cell[i - 1][k - 1] + !same(a[i - 1], b[k - 1]);
            cell[i][k] = least(changed, 1 + least(cell[i - 1][k], cell[i][k - 1]));
            if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) && same(a[i - 2], b[k - 1]))
                cell[i][k] = least(cell[i][k], 1 + cell[i - 2][k - 2]);
        }
    return cell[la][lb];
}

/* The beginning of a name is near, whatever is missing of it, and so is what goes on behind one: "rectangular". */
static size_t how_far(const char *wanted, const char *name)
{
    const size_t wanted_length = strlen(wanted), length = strlen(name);
    if (wanted_length >= 2 && !strncasecmp(wanted, name, wanted_length))
        return length > wanted_length;
    const size_t far = distance(wanted, name);
    if (length >= SHORTEST_START && far > 2 && !strncasecmp(wanted, name, length))
        return 2;
    return far <= 1 + length / 4 ? far : FAR;
}

void svi_nearest_consider(struct svi_nearest *nearest, const char *wanted, const char *name)
{
    const size_t far = how_far(wanted, name);
    if (far < FAR && (!nearest->name || far < nearest->distance))
        *nearest = (struct svi_nearest){ name, far };
}
