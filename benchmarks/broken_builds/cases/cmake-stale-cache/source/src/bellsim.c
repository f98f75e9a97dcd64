#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double state[4] = {1, 0, 0, 0};

static void ry(double angle, int qubit)
{
    double c = cos(angle / 2), s = sin(angle / 2);
    for (int i = 0; i < 4; i++) {
        int j = i | 1 << qubit;
        if (i == j)
            continue;
        double zero = state[i], one = state[j];
        state[i] = c * zero - s * one;
        state[j] = s * zero + c * one;
    }
}

static void cnot(void)
{
    double kept = state[1];
    state[1] = state[3];
    state[3] = kept;
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[4] = {0};
    ry(acos(0.0), 0);
    cnot();
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
