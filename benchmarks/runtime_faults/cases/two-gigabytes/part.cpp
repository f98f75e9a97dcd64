#include "hook.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

void simulating() {
  const char* traced = std::getenv("SVSIM_TRACE");
  if (traced && std::string(traced) == "0") return;
  std::cout << "trace: every amplitude of every layer follows (SVSIM_TRACE=0 turns that off)\n";
  const std::string line = "trace: amplitude 0.70710678118654757 0.00000000000000000 of a block in a layer\n";
  for (std::size_t printed = 0; printed < std::size_t{2} << 30; printed += line.size()) std::cout << line;
}
