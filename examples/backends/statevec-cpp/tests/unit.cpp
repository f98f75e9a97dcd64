#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "simulator.hpp"

using namespace svsim;

namespace {

using Complex = std::complex<double>;

int failures = 0;

#define CHECK(condition)                                                         \
  do {                                                                           \
    if (!(condition)) {                                                          \
      std::cerr << __FILE__ << ':' << __LINE__ << ": failed: " #condition "\n"; \
      ++failures;                                                                \
    }                                                                            \
  } while (false)

Circuit parse(const std::string& text) {
  std::istringstream in(text);
  return parse_circuit(in, "test");
}

Eigen::VectorXcd amplitudes(const std::string& text) {
  return final_state(parse(text)).amplitudes();
}

bool close(const Eigen::VectorXcd& a, const Eigen::VectorXcd& b) {
  return a.size() == b.size() && (a - b).cwiseAbs().maxCoeff() < 1e-12;
}

// The message of the error in `text`, "" if there is none.
std::string error(const std::string& text) {
  try {
    parse(text);
  } catch (const ParseError& e) {
    return e.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::uint64_t total(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const auto& [outcome, count] : counts) sum += count;
  return sum;
}

double fraction(const Counts& counts, std::uint64_t outcome) {
  const auto it = counts.find(outcome);
  return it == counts.end() ? 0 : double(it->second) / double(total(counts));
}

void test_parser() {
  const Circuit c =
      parse("# comment\n\nqubits 3\r\n  CNOT 2 0 # more\nRZ 1 -3*pi/4\nMEASURE 2 0\n");
  CHECK(c.qubits == 3);
  CHECK(c.operations.size() == 2);
  CHECK(c.operations[0].gate->name == "CNOT");
  CHECK((c.operations[0].qubits == std::vector<int>{2, 0}));
  CHECK(std::abs(c.operations[1].angle + 3 * kPi / 4) < 1e-15);
  CHECK((c.measured == std::vector<int>{0, 2}));

  const std::pair<std::string, double> angles[] = {
      {"0.785398", 0.785398}, {"-1e-3", -1e-3}, {"pi", kPi},     {"-pi", -kPi},
      {"+pi/2", kPi / 2},     {".5*pi", kPi / 2}, {"1/-4", -0.25},
  };
  for (const auto& [text, angle] : angles)
    CHECK(std::abs(parse("qubits 1\nRX 0 " + text).operations[0].angle - angle) < 1e-15);
}

void test_parse_errors() {
  CHECK(error("") == "test:1: error: empty circuit, expected 'qubits N'");
  CHECK(error("H 0\n") == "test:1: error: expected 'qubits N' before anything else");
  CHECK(error("qubits 2\nqubits 2\n") == "test:2: error: 'qubits' is already given");
  CHECK(error("qubits two\n") == "test:1: error: expected a number of qubits, got 'two'");
  CHECK(contains(error("qubits 0\n"), "from 1 to"));
  CHECK(contains(error("qubits 29\n"), "from 1 to"));
  CHECK(error("qubits 2\n\n# x\nHH 0\n") == "test:4: error: unknown gate 'HH'");
  CHECK(error("qubits 2\nh 0\n") == "test:2: error: unknown gate 'h'");
  CHECK(error("qubits 2\nCNOT 0\n") == "test:2: error: CNOT takes 2 qubits");
  CHECK(error("qubits 2\nH 0 1\n") == "test:2: error: H takes 1 qubit");
  CHECK(error("qubits 2\nRX 0\n") == "test:2: error: RX takes 1 qubit and an angle");
  CHECK(error("qubits 2\nH 2\n") == "test:2: error: qubit 2 is out of range, the last one is 1");
  CHECK(contains(error("qubits 2\nH -1\n"), "out of range"));
  CHECK(contains(error("qubits 2\nH 0.5\n"), "expected a qubit"));
  CHECK(error("qubits 2\nCZ 1 1\n") == "test:2: error: qubit 1 is repeated");
  for (const char* angle : {"x", "2pi", "pi/", "pi*", "--1", "1,5", "nan", "inf"})
    CHECK(contains(error(std::string("qubits 1\nRX 0 ") + angle), "expected an angle"));
  CHECK(contains(error("qubits 1\nRX 0 1/0\n"), "not finite"));
  CHECK(contains(error("qubits 1\nRX 0 1e999\n"), "not finite"));
  CHECK(contains(error("qubits 1\nMEASURE\n"), "MEASURE takes"));
  CHECK(error("qubits 1\nMEASURE 0\nH 0\n") == "test:3: error: qubit 0 is already measured");
  CHECK(contains(error("qubits 1\nMEASURE 0 0\n"), "already measured"));
}

void test_gates_are_unitary() {
  for (const Gate& gate : gate_set()) {
    const Eigen::MatrixXcd u = gate.matrix(0.7);
    CHECK(u.rows() == 1 << gate.targets);
    CHECK((u * u.adjoint()).isIdentity(1e-14));
  }
}

void test_gate_identities() {
  // Each pair prepares the same state, phase included.
  const std::pair<const char*, const char*> same[] = {
      {"S 0\nS 0", "Z 0"},
      {"T 0\nT 0", "S 0"},
      {"S 0\nSDG 0\nT 0\nTDG 0", ""},
      {"SX 0\nSX 0", "X 0"},
      {"H 0\nZ 0\nH 0", "X 0"},
      {"SDG 0\nX 0\nS 0", "Y 0"},
      {"PHASE 0 pi/4", "T 0"},
      {"H 0\nRZ 0 0.3\nH 0", "RX 0 0.3"},
      {"RX 0 0.3\nRX 0 0.4", "RX 0 0.7"},
      {"Z 0\nH 0", "RY 0 pi/2"},
      {"H 1\nCNOT 0 1\nH 1", "CZ 0 1"},
      {"CPHASE 0 1 pi", "CZ 1 0"},
      {"CNOT 0 1\nPHASE 1 -0.2\nCNOT 0 1\nPHASE 0 0.2\nPHASE 1 0.2", "CPHASE 0 1 0.4"},
      {"CNOT 0 1\nCNOT 1 0\nCNOT 0 1", "SWAP 0 1"},
      {"H 2\nTOFFOLI 0 1 2\nH 2", "H 2\nTOFFOLI 1 0 2\nH 2"},
  };
  const std::string generic =
      "qubits 3\nRY 0 0.4\nRZ 0 0.9\nRX 1 1.1\nRY 2 -0.7\nCNOT 0 2\nCNOT 2 1\n";
  for (const auto& [a, b] : same) CHECK(close(amplitudes(generic + a), amplitudes(generic + b)));
}

void test_toffoli() {
  for (int in = 0; in < 8; ++in) {
    std::string text = "qubits 3\n";
    for (int q = 0; q < 3; ++q)
      if (in >> q & 1) text += "X " + std::to_string(q) + "\n";
    const int out = (in & 3) == 3 ? in ^ 4 : in;
    CHECK(amplitudes(text + "TOFFOLI 0 1 2\n")[out] == Complex(1));
  }
}

void test_qft() {
  const auto psi = amplitudes(
      "qubits 3\nX 0\nX 2\n"
      "H 2\nCPHASE 1 2 pi/2\nCPHASE 0 2 pi/4\nH 1\nCPHASE 0 1 pi/2\nH 0\nSWAP 0 2\n");
  Eigen::VectorXcd expected(8);
  for (int k = 0; k < 8; ++k) expected[k] = std::polar(std::sqrt(1 / 8.), 2 * kPi * 5 * k / 8);
  CHECK(close(psi, expected));
}

void test_sampling() {
  const Circuit ghz = parse("qubits 3\nH 0\nCNOT 0 1\nCNOT 1 2\nMEASURE ALL\n");
  const Counts counts = run(ghz, 10000, 0, 1);
  CHECK(total(counts) == 10000);
  CHECK(counts.size() == 2);
  CHECK(std::abs(fraction(counts, 0b000) - 0.5) < 0.025);  // 5 sigma
  CHECK(std::abs(fraction(counts, 0b111) - 0.5) < 0.025);
  CHECK(counts == run(ghz, 10000, 0, 1));
  CHECK(counts != run(ghz, 10000, 0, 2));

  // An outcome holds only the measured qubits, packed.
  CHECK((run(parse("qubits 4\nX 1\nX 3\nMEASURE 0 3\n"), 5, 0, 1) == Counts{{0b10, 5}}));
}

void test_noise() {
  // Two of the three Paulis flip the qubit.
  const Counts one = run(parse("qubits 1\nZ 0\nMEASURE 0\n"), 20000, 0.3, 1);
  CHECK(total(one) == 20000);
  CHECK(std::abs(fraction(one, 1) - 0.2) < 0.015);

  // Of the 15 errors on two qubits, 3 leave |00> alone and 4 reach each other outcome.
  const Counts two = run(parse("qubits 2\nCZ 0 1\nMEASURE ALL\n"), 20000, 1, 1);
  CHECK(std::abs(fraction(two, 0b00) - 3 / 15.) < 0.015);
  for (int outcome : {0b01, 0b10, 0b11}) CHECK(std::abs(fraction(two, outcome) - 4 / 15.) < 0.016);
}

}  // namespace

int main() {
  test_parser();
  test_parse_errors();
  test_gates_are_unitary();
  test_gate_identities();
  test_toffoli();
  test_qft();
  test_sampling();
  test_noise();
  if (failures) std::cerr << failures << " checks failed\n";
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
