#ifndef QRAND_H
#define QRAND_H
#ifdef __cplusplus
extern "C" {
#endif
/* Random numbers for quantum sampling. */
void qrand_seed(unsigned long seed);
/* A number in [0, 1). */
double qrand_uniform(void);
#ifdef __cplusplus
}
#endif
#endif
