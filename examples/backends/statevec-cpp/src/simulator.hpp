#pragma once

#include <cstdint>

#include "circuit.hpp"
#include "state.hpp"

namespace svsim {

// The state before measurement, without noise.
State final_state(const Circuit& circuit);

// Runs the circuit `shots` times. After each gate, with probability `noise`,
// the qubits it acted on suffer a Pauli error drawn uniformly from the 4^k - 1
// that are not the identity.
Counts run(const Circuit& circuit, std::uint64_t shots, double noise, std::uint64_t seed);

}  // namespace svsim
