#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace mp::internal {

// mp-manager: $MP_MANAGER_PROGRAM; beside this program; or wherever $PATH leads to.
std::string manager_program();

// Starts a program, with nothing of ours open but standard error and these descriptors, under new
// numbers (ours, its; its are 2, 3, 4 …), no signal blocked or ignored, and standard input and
// output that lead nowhere. An errno, or 0 and the pid.
int spawn(const std::vector<std::string>& command,
          const std::vector<std::pair<int, int>>& descriptors, pid_t& pid);

}  // namespace mp::internal
