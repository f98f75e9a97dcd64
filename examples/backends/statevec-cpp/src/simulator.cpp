#include "simulator.hpp"

#include <map>
#include <random>
#include <utility>
#include <vector>

namespace svsim {
namespace {

// A Pauli error after operation `op`: base-4 digit k of `pauli` says which of
// I, X, Y, Z hits the operation's k-th qubit.
struct Fault {
  std::size_t op;
  unsigned pauli;

  bool operator<(const Fault& other) const {
    return std::pair(op, pauli) < std::pair(other.op, other.pauli);
  }
};

using Trajectory = std::vector<Fault>;

Trajectory draw_trajectory(const Circuit& circuit, double noise, Rng& rng) {
  std::bernoulli_distribution fails(noise);
  Trajectory faults;
  for (std::size_t op = 0; op < circuit.operations.size(); ++op) {
    if (!fails(rng)) continue;
    const unsigned paulis = 1u << 2 * circuit.operations[op].gate->arity();
    faults.push_back({op, std::uniform_int_distribution<unsigned>(1, paulis - 1)(rng)});
  }
  return faults;
}

void apply_fault(State& state, const Operation& op, unsigned pauli) {
  static const Gate* const paulis[] = {nullptr, find_gate("X"), find_gate("Y"), find_gate("Z")};
  for (int q : op.qubits) {
    if (const Gate* gate = paulis[pauli % 4]) state.apply(gate->matrix(0), {q});
    pauli /= 4;
  }
}

State evolve(const Circuit& circuit, const Trajectory& faults) {
  State state(circuit.qubits);
  auto fault = faults.begin();
  for (std::size_t k = 0; k < circuit.operations.size(); ++k) {
    const Operation& op = circuit.operations[k];
    state.apply(op.gate->matrix(op.angle), op.qubits, op.gate->controls);
    if (fault != faults.end() && fault->op == k) apply_fault(state, op, (fault++)->pauli);
  }
  return state;
}

}  // namespace

State final_state(const Circuit& circuit) { return evolve(circuit, {}); }

Counts run(const Circuit& circuit, std::uint64_t shots, double noise, std::uint64_t seed) {
  Rng rng(seed);
  Counts counts;
  if (noise == 0) {
    final_state(circuit).sample(circuit.measured, shots, rng, counts);
    return counts;
  }
  // At low noise most shots have the same few faults, or none: evolve each
  // distinct trajectory once and sample it as often as it was drawn.
  std::map<Trajectory, std::uint64_t> trajectories;
  for (std::uint64_t shot = 0; shot < shots; ++shot)
    ++trajectories[draw_trajectory(circuit, noise, rng)];
  for (const auto& [faults, times] : trajectories)
    evolve(circuit, faults).sample(circuit.measured, times, rng, counts);
  return counts;
}

}  // namespace svsim
