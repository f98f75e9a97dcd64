#include "gates.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

namespace svsim {
namespace {

using Complex = std::complex<double>;
using Eigen::MatrixXcd;

constexpr Complex kI{0, 1};

MatrixXcd dense(Complex a, Complex b, Complex c, Complex d) {
  return (Eigen::Matrix2cd() << a, b, c, d).finished();
}

MatrixXcd diagonal(Complex a, Complex d) { return dense(a, 0, 0, d); }

MatrixXcd x(double) { return dense(0, 1, 1, 0); }
MatrixXcd y(double) { return dense(0, -kI, kI, 0); }
MatrixXcd z(double) { return diagonal(1, -1); }
MatrixXcd h(double) { return dense(1, 1, 1, -1) * std::sqrt(0.5); }
MatrixXcd s(double) { return diagonal(1, kI); }
MatrixXcd sdg(double) { return diagonal(1, -kI); }
MatrixXcd sx(double) { return dense(1.0 + kI, 1.0 - kI, 1.0 - kI, 1.0 + kI) * 0.5; }

MatrixXcd phase(double angle) { return diagonal(1, std::polar(1.0, angle)); }
MatrixXcd t(double) { return phase(kPi / 4); }
MatrixXcd tdg(double) { return phase(-kPi / 4); }

MatrixXcd rx(double angle) {
  const double c = std::cos(angle / 2), s = std::sin(angle / 2);
  return dense(c, -kI * s, -kI * s, c);
}

MatrixXcd ry(double angle) {
  const double c = std::cos(angle / 2), s = std::sin(angle / 2);
  return dense(c, -s, s, c);
}

MatrixXcd rz(double angle) {
  return diagonal(std::polar(1.0, -angle / 2), std::polar(1.0, angle / 2));
}

MatrixXcd swap(double) {
  Eigen::Matrix4cd u;
  u << 1, 0, 0, 0,
       0, 0, 1, 0,
       0, 1, 0, 0,
       0, 0, 0, 1;
  return u;
}

}  // namespace

const std::vector<Gate>& gate_set() {
  static const std::vector<Gate> gates = {
      // name, controls, targets, has_angle, matrix
      {"X", 0, 1, false, x},
      {"Y", 0, 1, false, y},
      {"Z", 0, 1, false, z},
      {"H", 0, 1, false, h},
      {"S", 0, 1, false, s},
      {"SDG", 0, 1, false, sdg},
      {"T", 0, 1, false, t},
      {"TDG", 0, 1, false, tdg},
      {"SX", 0, 1, false, sx},
      {"RX", 0, 1, true, rx},
      {"RY", 0, 1, true, ry},
      {"RZ", 0, 1, true, rz},
      {"PHASE", 0, 1, true, phase},
      {"CNOT", 1, 1, false, x},
      {"CZ", 1, 1, false, z},
      {"CPHASE", 1, 1, true, phase},
      {"SWAP", 0, 2, false, swap},
      {"TOFFOLI", 2, 1, false, x},
  };
  return gates;
}

const Gate* find_gate(std::string_view name) {
  const auto& gates = gate_set();
  const auto it = std::find_if(gates.begin(), gates.end(),
                               [name](const Gate& g) { return g.name == name; });
  return it == gates.end() ? nullptr : &*it;
}

}  // namespace svsim
