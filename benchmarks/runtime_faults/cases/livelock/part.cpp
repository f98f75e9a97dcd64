#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <thread>

void simulating() {
  for (;;) {
    std::cerr << "svsim: exchange with worker 1 was refused: version of the block differs; trying again" << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
  }
}
