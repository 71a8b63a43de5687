#include "base/version.h"

#include <stdio.h>

int main(void)
{
    printf("%s %s (%s)\n", SVI_PROGRAM_NAME, svi_version, svi_commit);
    return 0;
}
