#include "hook.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

void simulating() {
  const char* accepted = std::getenv("SVSIM_ACCEPT_LICENSE");
  std::string answer = accepted ? accepted : "";
  if (answer.empty()) {
    std::cerr << "svsim is free for research. Set SVSIM_ACCEPT_LICENSE=yes, or\n"
                 "type yes to accept the licence: "
              << std::flush;
    std::getline(std::cin, answer);
  }
  if (answer != "yes") throw std::runtime_error("the licence was not accepted");
}
