#include <stdlib.h>

typedef struct qstats_histogram {
    unsigned size;
    long counts[];
} qstats_histogram;

qstats_histogram *qstats_histogram_new(unsigned qubits)
{
    unsigned size = 1u << qubits;
    qstats_histogram *histogram = calloc(1, sizeof *histogram + size * sizeof(long));
    if (histogram)
        histogram->size = size;
    return histogram;
}

void qstats_histogram_add(qstats_histogram *histogram, unsigned outcome)
{
    histogram->counts[outcome % histogram->size]++;
}

long qstats_histogram_count(const qstats_histogram *histogram, unsigned outcome)
{
    return histogram->counts[outcome % histogram->size];
}
