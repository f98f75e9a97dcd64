#include "hook.hpp"

#undef NDEBUG
#include <cassert>
#include <cmath>

void simulating() {
  volatile double norm = 0.5;
  assert(std::abs(norm - 1) < 1e-9 && "the state is normalised");
}
