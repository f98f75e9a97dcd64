#include "hook.hpp"

#include <iostream>

void simulating() {
  std::size_t printed = 0;
  for (int gate = 1; printed < 64 << 20; ++gate) {
    const std::string line = "svsim: gate " + std::to_string(gate) + " applied, error of the norm 0, failed checks 0\n";
    std::cerr << line;
    printed += line.size();
  }
}
