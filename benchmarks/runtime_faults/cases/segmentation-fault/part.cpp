#include "hook.hpp"

#include <iostream>

void simulating() {
  std::cerr << "svsim: looking up the fused gates\n";
  volatile double* volatile table = nullptr;
  table[7] = 1;
}
