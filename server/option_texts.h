#pragma once

#include <cstdint>
#include <string>

#include "server/node/manager_options.h"

namespace mp::server {

// What the flags say, as they say it.
struct Texts {
  std::string listen = "127.0.0.1:50051";
  std::string token_file;
  std::string log_level = "info";
  std::string lane = "auto";
  std::string spin_policy = "auto";
  std::uint64_t max_depth = 0;
  std::string deadlocks = "fail";
};

// Turns what the flags say into what the manager does. The result is a sentence, if they can't be
// met.
std::string settle(ManagerOptions& options, const Texts& texts);

}  // namespace mp::server
