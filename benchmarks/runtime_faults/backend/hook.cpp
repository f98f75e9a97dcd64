// Stands between svsim's main and its simulation; linked with -Wl,--wrap for `main` and `svsim::run`.
#include "hook.hpp"

#include <cstdlib>
#include <cstring>
#include <vector>

int threads = 8;

namespace svsim {
struct Circuit;
using Counts = std::map<std::uint64_t, std::uint64_t>;
}  // namespace svsim

using svsim::Circuit;
using svsim::Counts;

Counts really_run(const Circuit&, std::uint64_t, double, std::uint64_t) __asm__("__real__ZN5svsim3runERKNS_7CircuitEmdm");
Counts run(const Circuit&, std::uint64_t, double, std::uint64_t) __asm__("__wrap__ZN5svsim3runERKNS_7CircuitEmdm");

Counts run(const Circuit& circuit, std::uint64_t shots, double noise, std::uint64_t seed) {
  simulating();
  return really_run(circuit, shots, noise, seed);
}

extern "C" int __real_main(int, char**);

extern "C" int __wrap_main(int argc, char** argv) {
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
      threads = std::atoi(argv[++i]);
    else
      rest.push_back(argv[i]);
  }
  rest.push_back(nullptr);
  return __real_main(static_cast<int>(rest.size()) - 1, rest.data());
}
