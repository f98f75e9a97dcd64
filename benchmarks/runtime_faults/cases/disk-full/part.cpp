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
  const std::string file = hook::place + "/spool/state";
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  bool fine = out >= 0;
  const std::vector<char> block(64 << 10, 1);
  for (int k = 0; fine && k < 64; ++k) fine = write(out, block.data(), block.size()) == (ssize_t)block.size();
  if (fine) fine = write(out, block.data(), 1) == 1;
  if (!fine) throw std::runtime_error("cannot write the state to " + file + ": " + std::strerror(errno));
  close(out);
}
