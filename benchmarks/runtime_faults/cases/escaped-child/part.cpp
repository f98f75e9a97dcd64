#include "hook.hpp"

#include <unistd.h>

#include <iostream>
#include <stdexcept>

void simulating() {
  if (fork() == 0) {
    setsid();
    for (;;) pause();
  }
  sleep(1);
  throw std::runtime_error("the worker process does not answer");
}
