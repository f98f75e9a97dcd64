#include "hook.hpp"

#include <chrono>
#include <ctime>
#include <iostream>
#include <thread>

void simulating() {
  for (int layer = 1; layer <= 6; ++layer) {
    std::this_thread::sleep_for(std::chrono::milliseconds(hook::seconds * 1000 / 6));
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    std::cerr << "svsim: layer " << layer << " of 6 at " << now.tv_sec << std::endl;
  }
}
