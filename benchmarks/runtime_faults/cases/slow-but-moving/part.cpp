#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>

void simulating() {
  for (int layer = 1; layer <= 8; ++layer) {
    std::this_thread::sleep_for(std::chrono::milliseconds(hook::seconds * 125));
    std::cerr << "svsim: layer " << layer << " of 8" << std::endl;
  }
}
