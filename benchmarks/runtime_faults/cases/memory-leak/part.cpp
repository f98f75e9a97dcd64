#include "hook.hpp"

#include <chrono>
#include <cstring>
#include <iostream>
#include <thread>

void simulating() {
  for (int layer = 1;; ++layer) {
    std::memset(new char[16 << 20], layer, 16 << 20);
    std::cerr << "svsim: layer " << layer << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
}
