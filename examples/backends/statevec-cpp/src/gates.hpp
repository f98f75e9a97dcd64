#pragma once

#include <Eigen/Dense>
#include <string_view>
#include <vector>

namespace svsim {

constexpr double kPi = 3.14159265358979323846;

// A gate acts with `matrix` on its targets, provided all its controls are 1.
// Operands are written controls first.
struct Gate {
  std::string_view name;
  int controls;
  int targets;
  bool has_angle;
  Eigen::MatrixXcd (*matrix)(double angle);

  int arity() const { return controls + targets; }
};

const std::vector<Gate>& gate_set();

// nullptr if there is no such gate.
const Gate* find_gate(std::string_view name);

}  // namespace svsim
