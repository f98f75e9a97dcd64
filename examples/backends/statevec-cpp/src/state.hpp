#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

namespace svsim {

using Rng = std::mt19937_64;

// Outcome -> number of shots. Bit k of an outcome is the k-th measured qubit.
using Counts = std::map<std::uint64_t, std::uint64_t>;

// The amplitudes of n qubits; bit q of an index is the value of qubit q.
class State {
 public:
  explicit State(int qubits);  // |0...0>

  int qubits() const { return qubits_; }
  const Eigen::VectorXcd& amplitudes() const { return psi_; }

  // Applies `u` to the operands after the first `controls`, where those are 1.
  // The first target is the least significant bit of an index into `u`.
  void apply(const Eigen::MatrixXcd& u, const std::vector<int>& operands, int controls = 0);

  // Measures `qubits` `shots` times and adds the outcomes to `counts`.
  void sample(const std::vector<int>& qubits, std::uint64_t shots, Rng& rng, Counts& counts) const;

 private:
  template <int Targets>
  void apply_fixed(const Eigen::MatrixXcd& u, const std::vector<int>& operands, int controls);

  int qubits_;
  Eigen::VectorXcd psi_;
};

}  // namespace svsim
