#include "hook.hpp"

#include <atomic>
#include <cstring>
#include <iostream>
#include <new>
#include <thread>
#include <vector>

constexpr std::size_t size = 64 << 20;

void simulating() {
  std::cerr << "svsim: " << threads << " threads (--threads N), 64 MiB of scratch each\n";
  std::vector<std::thread> team;
  std::vector<std::vector<char>> scratch(threads);
  std::atomic<bool> full{false};
  for (auto& mine : scratch)
    team.emplace_back([&] {
      try {
        mine.assign(size, 1);
      } catch (const std::bad_alloc&) {
        full = true;
      }
    });
  for (auto& thread : team) thread.join();
  if (full) throw std::bad_alloc();
}
