#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>

void simulating() {
  for (int layer = 1; layer <= 20; ++layer) {
    std::cerr << "svsim: layer " << layer << " of 20" << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(hook::seconds * 50));
  }
}
