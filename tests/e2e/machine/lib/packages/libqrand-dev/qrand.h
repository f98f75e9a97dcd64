/* qrand: random numbers (splitmix64, public domain, after Steele, Lea and Flood 2014). */
#ifndef QRAND_H
#define QRAND_H

struct qrand { unsigned long long state; };

static inline void qrand_seed(struct qrand *r, unsigned long seed)
{
    r->state = seed;
}

static inline double qrand_uniform(struct qrand *r)
{
    unsigned long long z = (r->state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return ((z ^ z >> 31) >> 11) * 0x1.0p-53;
}

#endif
