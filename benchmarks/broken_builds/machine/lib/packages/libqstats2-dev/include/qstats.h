#ifndef QSTATS_H
#define QSTATS_H
#define QSTATS_VERSION 201
#ifdef __cplusplus
extern "C" {
#endif
typedef struct qstats_histogram qstats_histogram;
qstats_histogram *qstats_histogram_new(unsigned qubits);
void qstats_histogram_add(qstats_histogram *histogram, unsigned outcome);
long qstats_histogram_count(const qstats_histogram *histogram, unsigned outcome);
#ifdef __cplusplus
}
#endif
#endif
