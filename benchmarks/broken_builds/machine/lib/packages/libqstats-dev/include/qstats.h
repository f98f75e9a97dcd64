#ifndef QSTATS_H
#define QSTATS_H
#define QSTATS_VERSION 104
#ifdef __cplusplus
extern "C" {
#endif
/* Adds one shot to the histogram. */
void qstats_add(unsigned outcome);
/* How often an outcome was added. */
long qstats_count(unsigned outcome);
/* Share of the shots with even parity. */
double qstats_parity(void);
#ifdef __cplusplus
}
#endif
#endif
