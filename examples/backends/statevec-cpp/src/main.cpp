#include <getopt.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "simulator.hpp"

namespace {

using namespace svsim;

constexpr char kHelp[] = R"(Usage: svsim [OPTIONS] FILE
Simulate the quantum circuit in FILE ('-' for standard input).

  --shots N         number of runs (default 1024)
  --seed S          seed of the random numbers (default: a fresh one each time)
  --noise P         depolarising probability per gate, 0 to 1 (default 0)
  --statevector     print the amplitudes before measurement instead of counts
  --format FORMAT   text (default) or json
  -h, --help        print this help and exit
  -V, --version     print the version and exit

Qubit 0 is the rightmost bit of every bit string.
Exit status: 0 success, 1 bad circuit or failed run, 2 bad command line.
)";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::uint64_t shots = 1024;
  std::optional<std::uint64_t> seed;
  double noise = 0;
  bool statevector = false;
  bool json = false;
  std::string file;
};

std::uint64_t parse_unsigned(const std::string& option, const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    throw UsageError(option + " takes a non-negative integer, got '" + text + "'");
  return value;
}

double parse_probability(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1))
    throw UsageError(option + " takes a probability from 0 to 1, got '" + text + "'");
  return value;
}

// Empty if the command line asked for help or the version, which it has got.
std::optional<Options> parse_command_line(int argc, char** argv) {
  enum { kShots = 256, kSeed, kNoise, kStatevector, kFormat };
  const option long_options[] = {
      {"shots", required_argument, nullptr, kShots},
      {"seed", required_argument, nullptr, kSeed},
      {"noise", required_argument, nullptr, kNoise},
      {"statevector", no_argument, nullptr, kStatevector},
      {"format", required_argument, nullptr, kFormat},
      {"help", no_argument, nullptr, 'h'},
      {"version", no_argument, nullptr, 'V'},
      {},
  };

  Options options;
  for (int c; (c = getopt_long(argc, argv, "hV", long_options, nullptr)) != -1;) {
    switch (c) {
      case kShots:
        options.shots = parse_unsigned("--shots", optarg);
        if (options.shots == 0) throw UsageError("--shots must be at least 1");
        break;
      case kSeed:
        options.seed = parse_unsigned("--seed", optarg);
        break;
      case kNoise:
        options.noise = parse_probability("--noise", optarg);
        break;
      case kStatevector:
        options.statevector = true;
        break;
      case kFormat:
        if (std::strcmp(optarg, "text") != 0 && std::strcmp(optarg, "json") != 0)
          throw UsageError("--format is text or json, not '" + std::string(optarg) + "'");
        options.json = std::strcmp(optarg, "json") == 0;
        break;
      case 'h':
        std::cout << kHelp;
        return std::nullopt;
      case 'V':
        std::cout << "svsim " SVSIM_VERSION "\n";
        return std::nullopt;
      default:  // getopt_long has printed what is wrong
        throw UsageError("");
    }
  }
  if (argc - optind != 1) throw UsageError("expected exactly one circuit file");
  if (options.statevector && options.noise > 0)
    throw UsageError("--statevector and --noise exclude each other: noise has no single state");
  options.file = argv[optind];
  return options;
}

Circuit read_circuit(const std::string& file) {
  if (file == "-") return parse_circuit(std::cin, "<stdin>");
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + ": " + std::strerror(errno));
  return parse_circuit(in, file);
}

std::string bit_string(std::uint64_t bits, int width) {
  std::string text(width, '0');
  for (int k = 0; k < width; ++k)
    if (bits >> k & 1) text[width - 1 - k] = '1';
  return text;
}

void print_statevector(const State& state, bool json) {
  const auto& psi = state.amplitudes();
  std::cout.precision(17);
  if (json) std::cout << "{\"qubits\": " << state.qubits() << ", \"amplitudes\": [";
  for (Eigen::Index i = 0; i < psi.size(); ++i) {
    const double re = psi[i].real(), im = psi[i].imag();
    if (json)
      std::cout << (i ? ", [" : "[") << re << ", " << im << ']';
    else
      std::cout << bit_string(i, state.qubits()) << ' ' << re << ' ' << im << '\n';
  }
  if (json) std::cout << "]}\n";
}

void print_counts(const Counts& counts, const Circuit& circuit, std::uint64_t shots,
                  std::uint64_t seed, bool json) {
  const int width = static_cast<int>(circuit.measured.size());
  if (!json) {
    for (const auto& [outcome, count] : counts)
      std::cout << bit_string(outcome, width) << ' ' << count << '\n';
    return;
  }
  std::cout << "{\"qubits\": " << circuit.qubits << ", \"shots\": " << shots
            << ", \"seed\": " << seed << ", \"counts\": {";
  const char* separator = "";
  for (const auto& [outcome, count] : counts) {
    std::cout << separator << '"' << bit_string(outcome, width) << "\": " << count;
    separator = ", ";
  }
  std::cout << "}}\n";
}

void simulate(const Options& options) {
  const Circuit circuit = read_circuit(options.file);
  if (options.statevector) {
    print_statevector(final_state(circuit), options.json);
    return;
  }
  if (circuit.measured.empty())
    throw std::runtime_error(options.file +
                             ": nothing is measured (add MEASURE, or ask for --statevector)");
  const std::uint64_t seed = options.seed ? *options.seed : std::random_device{}();
  const Counts counts = run(circuit, options.shots, options.noise, seed);
  print_counts(counts, circuit, options.shots, seed, options.json);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  try {
    if (const auto options = parse_command_line(argc, argv)) simulate(*options);
    if (!std::cout.flush()) throw std::runtime_error("cannot write the output");
    return 0;
  } catch (const UsageError& e) {
    if (*e.what()) std::cerr << "svsim: " << e.what() << '\n';
    std::cerr << "Try 'svsim --help'.\n";
    return 2;
  } catch (const ParseError& e) {
    std::cerr << e.what() << '\n';
  } catch (const std::bad_alloc&) {
    std::cerr << "svsim: out of memory\n";
  } catch (const std::exception& e) {
    std::cerr << "svsim: " << e.what() << '\n';
  }
  return 1;
}
