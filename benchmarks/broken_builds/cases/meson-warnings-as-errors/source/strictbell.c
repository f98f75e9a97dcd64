#include <stdio.h>
#include <stdlib.h>

/* Samples (|00> + |11>)/sqrt(2). */
int main(int argc, char **argv)
{
    static const double probability[4] = {0.5, 0, 0, 0.5};
    unsigned shots = argc > 1 ? atoi(argv[1]) : 1000;
    int qubits = 2;
    int counts[4] = {0};
    for (int shot = 0; shot < shots; shot++) {
        double left = rand() / (RAND_MAX + 1.0);
        int i = 0;
        while (i < 3 && (left -= probability[i]) >= 0)
            i++;
        counts[i]++;
    }
    for (int i = 0; i < 4; i++)
        if (counts[i])
            printf("%d%d %d\n", i >> 1, i & 1, counts[i]);
    return 0;
}
