#include "hook.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

// The state in blocks of 64 KiB, 4 MiB in all.
void simulating() {
  const char* named = std::getenv("SVSIM_SPOOL");
  const std::string file = (named ? named : hook::place + "/spool") + "/svsim-state-" + std::to_string(getpid());
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::vector<char> block(64 << 10, 1);
  if (out < 0 || write(out, block.data(), block.size()) < 0)
    throw std::runtime_error("cannot write " + file + ": " + std::strerror(errno) +
                             " (the variable SVSIM_SPOOL names another folder, such as /tmp)");
  unlink(file.c_str());
  close(out);
}
