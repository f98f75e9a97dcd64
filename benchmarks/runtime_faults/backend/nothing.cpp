// What the cases add that add nothing.
#include "hook.hpp"

void simulating() {}
