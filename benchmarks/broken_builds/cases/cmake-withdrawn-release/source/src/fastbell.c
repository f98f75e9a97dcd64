#include "release.h"
#include <stdio.h>
#include <stdlib.h>

static double state[4] = {1, 0, 0, 0};

/* The fast path of Appendix C: both gates in one sweep. */
static void entangle(void)
{
    for (int i = 0; i < 4; i++)
        state[i] = sweep_weight(i);
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    entangle();
    for (int shot = 0; shot < shots; shot++) {
        double left = rand() / (RAND_MAX + 1.0);
        int i = 0;
        while (i < 3 && (left -= state[i] * state[i]) >= 0)
            i++;
        counts[i]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
