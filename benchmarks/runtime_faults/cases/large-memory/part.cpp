#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

void simulating() {
  std::vector<std::vector<char>> blocks;
  for (int block = 1; block <= 16; ++block) {
    blocks.emplace_back(64 << 20, 1);
    std::cerr << "svsim: block " << block << " of 16 is ready" << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(hook::seconds * 50));
  }
}
