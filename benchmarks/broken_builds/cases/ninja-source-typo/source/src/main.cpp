#include "state.hpp"
#include <cstdio>
#include <cstdlib>
#include <random>

int main(int argc, char **argv)
{
    const int shots = argc > 1 ? std::atoi(argv[1]) : 1000;
    std::mt19937 generator(3);
    std::uniform_real_distribution<double> uniform;
    State state;
    state.hadamard();
    int ones = 0;
    for (int shot = 0; shot < shots; ++shot)
        ones += state.measure(uniform(generator));
    std::printf("0 %d\n1 %d\n", shots - ones, ones);
}
