#include "state.hpp"
#include <cmath>

State::State() : amplitudes_{1.0, 0.0} {}

void State::hadamard()
{
    const auto zero = amplitudes_[0], one = amplitudes_[1];
    amplitudes_[0] = (zero + one) / std::sqrt(2.0);
    amplitudes_[1] = (zero - one) / std::sqrt(2.0);
}

double State::norm() const
{
    double sum = 0;
    for (const auto &amplitude : amplitudes_) {
        const double part = std::norm(amplitude)
        sum += part;
    }
    return sum;
}

int State::measure(double random) const { return random * norm() < std::norm(amplitudes_[1]); }
