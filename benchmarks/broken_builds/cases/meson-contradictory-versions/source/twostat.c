#include <qstats.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int shots = argc > 1 ? atoi(argv[1]) : 1000;
    qstats_histogram *histogram = qstats_histogram_new(2);
    for (int shot = 0; shot < shots; shot++) {
        unsigned outcome = rand() < RAND_MAX / 2 ? 0 : 3;
        qstats_add(outcome);
        qstats_histogram_add(histogram, outcome);
    }
    for (unsigned i = 0; i < 4; i++) {
        if (qstats_count(i) != qstats_histogram_count(histogram, i))
            return 1;
        if (qstats_count(i))
            printf("%u%u %ld\n", i >> 1, i & 1, qstats_count(i));
    }
    return 0;
}
