#include <array>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <qrand.h>

using Amplitude = std::complex<double>;
using State = std::array<Amplitude, 4>;

static void hadamard(State &state, unsigned qubit)
{
    const double root = 0.7071067811865476;
    for (unsigned i = 0; i < 4; ++i) {
        if (i >> qubit & 1)
            continue;
        const Amplitude zero = state[i], one = state[i | 1u << qubit];
        state[i] = root * (zero + one);
        state[i | 1u << qubit] = root * (zero - one);
    }
}

static void cnot(State &state) { std::swap(state[1], state[3]); }

int main(int argc, char **argv)
{
    const int shots = argc > 1 ? std::atoi(argv[1]) : 1000;
    State state{1, 0, 0, 0};
    hadamard(state, 0);
    cnot(state);
    std::array<int, 4> counts{};
    for (int shot = 0; shot < shots; ++shot) {
        double left = qrand_uniform();
        unsigned outcome = 0;
        while (outcome < 3 && (left -= std::norm(state[outcome])) >= 0)
            ++outcome;
        ++counts[outcome];
    }
    for (unsigned i = 0; i < 4; ++i)
        if (counts[i])
            std::printf("%u%u %d\n", i >> 1, i & 1, counts[i]);
}
