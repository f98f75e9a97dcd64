#include "gates.h"
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000, counts[8] = {0};
    gates_reset();
    gates_h(0);
    gates_cnot(0, 1);
    gates_cnot(1, 2);
    for (int shot = 0; shot < shots; shot++)
        counts[gates_measure(rand() / (RAND_MAX + 1.0))]++;
    for (int i = 0; i < 8; i++)
        if (counts[i])
            printf("%d%d%d %d\n", i >> 2, i >> 1 & 1, i & 1, counts[i]);
    return 0;
}
