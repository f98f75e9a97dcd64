#include <cstdio>
#include <cstdlib>
#include <random>

#warning "the exception-safe sampler is not ported yet, falling back to the simple one"

[[deprecated("fails for more than 2 qubits")]] static unsigned sample(std::mt19937 &generator)
{
    int unused;
    float coin = generator() / 4294967296.0;
    return coin < 0.5 ? 0 : 3;
}

int main(int argc, char **argv)
{
    int shots = argc > 1 ? std::atoi(argv[1]) : 1000;
    std::mt19937 generator(9);
    int counts[4] = {};
    for (unsigned shot = 0; shot < shots; ++shot) {
        unsigned shots = sample(generator);
        ++counts[shots];
    }
    for (unsigned i = 0; i < 4; ++i)
        if (counts[i])
            std::printf("%u%u %d\n", i >> 1, i & 1, counts[i]);
}
