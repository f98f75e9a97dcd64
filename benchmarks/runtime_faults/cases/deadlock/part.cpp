#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>

std::mutex state, table;

void both(std::mutex& first, std::mutex& second) {
  const std::lock_guard one(first);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const std::lock_guard other(second);
}

void simulating() {
  std::cerr << "svsim: applying layer 1 of 3\n";
  std::thread reader(both, std::ref(state), std::ref(table));
  std::thread writer(both, std::ref(table), std::ref(state));
  reader.join();
  writer.join();
}
