// What a case adds to svsim: `simulating` is called once the circuit is read, before its gates are applied.
#pragma once

#include <cstdint>
#include <map>
#include <string>

extern int threads;  // of --threads N, 8 unless given

void simulating();

namespace hook {
const std::string place = PLACE;  // the backend's folder
constexpr int seconds = SECONDS;  // how long what takes its time takes
}  // namespace hook
