#include "gates.h"
#include <stdio.h>
#include <stdlib.h>

static double state[4] = {1, 0, 0, 0};

/* Applies a gate to a qubit, where the control is set; -1 is no control. */
static void apply(const char *name, int target, int control)
{
    for (int g = 0; g < gate_count; g++) {
        if (strcmp(gates[g].name, name))
            continue;
        const double *m = gates[g].m;
        for (int i = 0; i < 4; i++) {
            int j = i | 1 << target;
            if (i == j || (control >= 0 && !(i >> control & 1)))
                continue;
            double zero = state[i], one = state[j];
            state[i] = m[0] * zero + m[1] * one;
            state[j] = m[2] * zero + m[3] * one;
        }
        return;
    }
    exit(1);
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    apply("h", 1, -1);
    apply("x", 0, 1);
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
