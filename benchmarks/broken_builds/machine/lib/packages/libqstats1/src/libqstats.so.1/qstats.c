static long counts[1024];

void qstats_add(unsigned outcome) { counts[outcome & 1023]++; }

long qstats_count(unsigned outcome) { return counts[outcome & 1023]; }

double qstats_parity(void)
{
    long even = 0, total = 0;
    for (unsigned i = 0; i < 1024; i++) {
        total += counts[i];
        if (__builtin_popcount(i) % 2 == 0)
            even += counts[i];
    }
    return total ? (double)even / total : 0;
}
