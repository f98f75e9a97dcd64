#include "hook.hpp"

#include <cstdlib>
#include <iostream>
#include <random>

void simulating() {
  std::mt19937 rng(1);
  for (int k = 0; k < 1 << 16; ++k) {
    std::cout << static_cast<char>(rng());
    if (k % 8 == 0) std::cerr << static_cast<char>(rng());
  }
  std::cout.flush();
  std::_Exit(0);
}
