#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>

struct Qubit {
    double zero, one;
};

static std::mt19937 generator(7);

static int coin() { return static_cast<int>(generator() >> 31); }

// The measured bits tell the receiver which corrections undo what the measurement did.
static std::optional<Qubit> receive(Qubit sent, int flip, int phase)
{
    if (sent.zero == 0 && sent.one == 0)
        return std::nullopt;
    Qubit got = flip ? Qubit{sent.one, sent.zero} : sent;
    if (phase)
        got.one = -got.one;
    if (flip)
        got = {got.one, got.zero};
    if (phase)
        got.one = -got.one;
    return got;
}

int main(int argc, char **argv)
{
    const int shots = argc > 1 ? std::atoi(argv[1]) : 1000;
    const double root = std::sqrt(0.5);
    std::map<std::string, int> counts;
    for (int shot = 0; shot < shots; ++shot) {
        const auto got = receive({root, root}, coin(), coin());
        if (!got)
            return 1;
        const auto [zero, one] = *got;
        std::uniform_real_distribution<double> random(0, zero * zero + one * one);
        ++counts[random(generator) < one * one ? "1" : "0"];
    }
    for (const auto &[outcome, count] : counts)
        std::printf("%s %d\n", outcome.c_str(), count);
}
