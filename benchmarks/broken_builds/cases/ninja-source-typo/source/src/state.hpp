#pragma once
#include <complex>
#include <vector>

class State {
public:
    State();
    void hadamard();
    double norm() const;
    int measure(double random) const;

private:
    std::vector<std::complex<double>> amplitudes_;
};
