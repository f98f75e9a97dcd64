#include "hook.hpp"

#include <chrono>

void simulating() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(hook::seconds);
  volatile double number = 1;
  while (std::chrono::steady_clock::now() < end)
    for (int k = 0; k < 100000; ++k) number = number * 1.0000001;
}
