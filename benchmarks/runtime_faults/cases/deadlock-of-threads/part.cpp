#include "hook.hpp"

#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

std::vector<std::mutex> blocks(64);

void exchange(int mine, int theirs) {
  const std::lock_guard one(blocks[mine]);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const std::lock_guard other(blocks[theirs]);
}

void simulating() {
  std::cerr << "svsim: " << threads << " threads (--threads N), exchanging blocks\n";
  if (threads == 1) return;
  std::vector<std::thread> team;
  for (int k = 0; k < threads; ++k) team.emplace_back(exchange, k, (k + 1) % threads);
  for (auto& thread : team) thread.join();
}
