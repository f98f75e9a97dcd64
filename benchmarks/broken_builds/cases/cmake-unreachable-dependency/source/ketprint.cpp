#include <cstdio>
#include <cstdlib>
#include <qfmt/qfmt.hpp>
#include <random>

int main(int argc, char **argv)
{
    const int shots = argc > 1 ? std::atoi(argv[1]) : 1000;
    std::mt19937 generator(11);
    std::discrete_distribution<unsigned> bell({0.5, 0.0, 0.0, 0.5});
    int counts[4] = {};
    for (int shot = 0; shot < shots; ++shot)
        ++counts[bell(generator)];
    for (unsigned i = 0; i < 4; ++i)
        if (counts[i])
            std::printf("%s %d\n", qfmt::bits(i, 2).c_str(), counts[i]);
}
