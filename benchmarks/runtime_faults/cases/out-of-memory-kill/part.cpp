#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

void simulating() {
  std::cerr << "svsim: 256 MiB for the state" << std::endl;
  std::vector<std::vector<char>> blocks;
  for (int k = 0; k < 32; ++k) {
    blocks.emplace_back(8 << 20, 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}
