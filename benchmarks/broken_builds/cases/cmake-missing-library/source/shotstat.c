#include "qstats.h"
#include <stdio.h>
#include <stdlib.h>

/* One shot of (|00> + |11>)/sqrt(2). */
static unsigned shot(void)
{
    static const double probability[4] = {0.5, 0, 0, 0.5};
    double left = rand() / (RAND_MAX + 1.0);
    unsigned outcome = 0;
    while (outcome < 3 && (left -= probability[outcome]) >= 0)
        outcome++;
    return outcome;
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000;
    for (int i = 0; i < shots; i++)
        qstats_add(shot());
    for (unsigned i = 0; i < 4; i++)
        if (qstats_count(i))
            printf("%u%u %ld\n", i >> 1, i & 1, qstats_count(i));
    printf("even parity: %.3f\n", qstats_parity());
    return 0;
}
