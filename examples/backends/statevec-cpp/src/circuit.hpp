#pragma once

#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

#include "gates.hpp"

namespace svsim {

constexpr int kMaxQubits = 28;  // 4 GiB of amplitudes

struct Operation {
  const Gate* gate;
  std::vector<int> qubits;
  double angle;
};

struct Circuit {
  int qubits = 0;
  std::vector<Operation> operations;
  std::vector<int> measured;  // ascending
};

// what() is "source:line: error: message".
struct ParseError : std::runtime_error {
  ParseError(const std::string& source, int line, const std::string& message)
      : std::runtime_error(source + ":" + std::to_string(line) + ": error: " + message) {}
};

// `source` names the input in error messages.
Circuit parse_circuit(std::istream& in, const std::string& source);

}  // namespace svsim
