static unsigned long long state = 88172645463325252ULL;

void qrand_seed(unsigned long seed) { state = 88172645463325252ULL ^ (seed * 0x9E3779B97F4A7C15ULL); }

double qrand_uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}
