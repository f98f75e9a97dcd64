#include "circuit.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace svsim {
namespace {

using Words = std::vector<std::string>;

Words split(std::string line) {
  line.erase(std::min(line.find('#'), line.size()));
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string quote(const std::string& word) { return "'" + word + "'"; }

std::string plural(int n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

[[noreturn]] void fail(const std::string& message) { throw std::invalid_argument(message); }

int parse_int(const std::string& word, const std::string& what) {
  int value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc{} || stop != end) fail("expected " + what + ", got " + quote(word));
  return value;
}

// factor (('*' | '/') factor)*, where a factor is a number or pi, with an
// optional sign: 0.25, -pi/2, 3*pi/4.
double parse_angle(const std::string& word) {
  const char* p = word.c_str();
  const auto factor = [&] {
    const double sign = *p == '-' ? -1 : 1;
    if (*p == '-' || *p == '+') ++p;
    if (p[0] == 'p' && p[1] == 'i') {
      p += 2;
      return sign * kPi;
    }
    char* end = nullptr;
    const bool starts_number = *p == '.' || (*p >= '0' && *p <= '9');
    const double value = starts_number ? std::strtod(p, &end) : 0;
    if (!starts_number || end == p) fail("expected an angle, got " + quote(word));
    p = end;
    return sign * value;
  };
  double value = factor();
  while (*p == '*' || *p == '/') {
    if (*p++ == '*')
      value *= factor();
    else
      value /= factor();
  }
  if (*p != '\0') fail("expected an angle, got " + quote(word));
  if (!std::isfinite(value)) fail("angle " + quote(word) + " is not finite");
  return value;
}

class Parser {
 public:
  void statement(const Words& words) {
    if (circuit_.qubits == 0)
      declare(words);
    else if (words[0] == "qubits")
      fail("'qubits' is already given");
    else if (words[0] == "MEASURE")
      measure(words);
    else
      gate(words);
  }

  Circuit finish() {
    if (circuit_.qubits == 0) fail("empty circuit, expected 'qubits N'");
    for (int q = 0; q < circuit_.qubits; ++q)
      if (measured_[q]) circuit_.measured.push_back(q);
    return std::move(circuit_);
  }

 private:
  void declare(const Words& words) {
    if (words[0] != "qubits" || words.size() != 2) fail("expected 'qubits N' before anything else");
    const int n = parse_int(words[1], "a number of qubits");
    if (n < 1 || n > kMaxQubits)
      fail("number of qubits must be from 1 to " + std::to_string(kMaxQubits));
    circuit_.qubits = n;
    measured_.assign(n, false);
  }

  int qubit(const std::string& word) const {
    const int q = parse_int(word, "a qubit");
    if (q < 0 || q >= circuit_.qubits)
      fail("qubit " + word + " is out of range, the last one is " +
           std::to_string(circuit_.qubits - 1));
    if (measured_[q]) fail("qubit " + word + " is already measured");
    return q;
  }

  void measure(const Words& words) {
    if (words.size() < 2) fail("MEASURE takes qubits, or ALL");
    if (words.size() == 2 && words[1] == "ALL") {
      for (int q = 0; q < circuit_.qubits; ++q) measured_[qubit(std::to_string(q))] = true;
      return;
    }
    for (std::size_t k = 1; k < words.size(); ++k) measured_[qubit(words[k])] = true;
  }

  void gate(const Words& words) {
    const Gate* gate = find_gate(words[0]);
    if (!gate) fail("unknown gate " + quote(words[0]));
    const int arity = gate->arity();
    if (static_cast<int>(words.size()) != 1 + arity + gate->has_angle)
      fail(words[0] + " takes " + plural(arity, "qubit") +
           (gate->has_angle ? " and an angle" : ""));

    Operation op{gate, {}, 0};
    for (int k = 1; k <= arity; ++k) {
      const int q = qubit(words[k]);
      if (std::count(op.qubits.begin(), op.qubits.end(), q))
        fail("qubit " + words[k] + " is repeated");
      op.qubits.push_back(q);
    }
    if (gate->has_angle) op.angle = parse_angle(words.back());
    circuit_.operations.push_back(std::move(op));
  }

  Circuit circuit_;
  std::vector<bool> measured_;
};

}  // namespace

Circuit parse_circuit(std::istream& in, const std::string& source) {
  Parser parser;
  int number = 0;
  try {
    for (std::string line; std::getline(in, line);) {
      ++number;
      const Words words = split(line);
      if (!words.empty()) parser.statement(words);
    }
    if (in.bad()) throw std::runtime_error(source + ": read error");
    return parser.finish();
  } catch (const std::invalid_argument& e) {
    throw ParseError(source, std::max(number, 1), e.what());
  }
}

}  // namespace svsim
