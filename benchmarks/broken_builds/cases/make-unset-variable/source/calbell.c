#include "readout.h"
#include <stdio.h>
#include <stdlib.h>

static double uniform(void) { return rand() / (RAND_MAX + 1.0); }

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    fprintf(stderr, "device %s\n", DEVICE);
    for (int shot = 0; shot < shots; shot++) {
        int outcome = uniform() < 0.5 ? 0 : 3;
        for (int qubit = 0; qubit < 2; qubit++)
            if (uniform() < READOUT_ERROR)
                outcome ^= 1 << qubit;
        counts[outcome]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
