#include "state.hpp"

#include <algorithm>
#include <cassert>
#include <complex>

namespace svsim {
namespace {

using Eigen::Index;

constexpr Index bit(int q) { return Index{1} << q; }

// Shifts the bits of `i` from position q upwards to make room for a zero there.
constexpr Index insert_zero(Index i, int q) {
  const Index low = i & (bit(q) - 1);
  return ((i ^ low) << 1) | low;
}

}  // namespace

State::State(int qubits) : qubits_(qubits), psi_(Eigen::VectorXcd::Zero(bit(qubits))) {
  psi_[0] = 1;
}

void State::apply(const Eigen::MatrixXcd& u, const std::vector<int>& operands, int controls) {
  const int targets = static_cast<int>(operands.size()) - controls;
  assert(u.rows() == bit(targets) && u.cols() == bit(targets));
  if (targets == 1)
    apply_fixed<1>(u, operands, controls);
  else
    apply_fixed<2>(u, operands, controls);
}

template <int Targets>
void State::apply_fixed(const Eigen::MatrixXcd& u, const std::vector<int>& operands, int controls) {
  constexpr int kDim = 1 << Targets;
  const Eigen::Matrix<std::complex<double>, kDim, kDim> gate = u;

  Index control_mask = 0;
  for (int k = 0; k < controls; ++k) control_mask |= bit(operands[k]);

  Index offset[kDim] = {};
  for (int row = 0; row < kDim; ++row)
    for (int k = 0; k < Targets; ++k)
      if (row >> k & 1) offset[row] |= bit(operands[controls + k]);

  auto ascending = operands;
  std::sort(ascending.begin(), ascending.end());

  const Index groups = psi_.size() >> operands.size();
  for (Index g = 0; g < groups; ++g) {
    Index base = g;
    for (int q : ascending) base = insert_zero(base, q);
    base |= control_mask;

    Eigen::Matrix<std::complex<double>, kDim, 1> v;
    for (int row = 0; row < kDim; ++row) v[row] = psi_[base | offset[row]];
    v = gate * v;
    for (int row = 0; row < kDim; ++row) psi_[base | offset[row]] = v[row];
  }
}

void State::sample(const std::vector<int>& qubits, std::uint64_t shots, Rng& rng,
                   Counts& counts) const {
  // Sorted draws turn sampling into one sweep over the amplitudes, with no
  // second table as long as the state itself.
  std::uniform_real_distribution<double> uniform(0, psi_.squaredNorm());
  std::vector<double> draws(shots);
  for (double& d : draws) d = uniform(rng);
  std::sort(draws.begin(), draws.end());

  const auto record = [&](Index basis, std::uint64_t times) {
    std::uint64_t outcome = 0;
    for (std::size_t k = 0; k < qubits.size(); ++k)
      outcome |= static_cast<std::uint64_t>(basis >> qubits[k] & 1) << k;
    counts[outcome] += times;
  };

  double cumulative = 0;
  Index last = 0;
  auto next = draws.begin();
  for (Index basis = 0; basis < psi_.size() && next != draws.end(); ++basis) {
    const double p = std::norm(psi_[basis]);
    if (p == 0) continue;
    last = basis;
    cumulative += p;
    const auto end = std::lower_bound(next, draws.end(), cumulative);
    if (end != next) record(basis, end - next);
    next = end;
  }
  // Rounding can leave a draw just above the final sum.
  if (next != draws.end()) record(last, draws.end() - next);
}

}  // namespace svsim
