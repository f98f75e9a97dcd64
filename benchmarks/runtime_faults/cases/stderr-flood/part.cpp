#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>

void simulating() {
  const std::string line = "svsim: warning: the amplitude of a block underflows, the block is computed again\n";
  for (std::size_t printed = 0;; printed += line.size()) {
    std::cerr << line;
    if (printed > 128 << 20) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}
