#pragma once

#include <vector>

// The processes of a pool, as the system sees them.

namespace mp::test {

// The process ids of those whose parent this is.
std::vector<int> children_of(int pid);

// The zygote of this process's only pool.
int zygote_pid();

// False if some of them are still there after a minute.
bool have_gone(const std::vector<int>& pids);

}  // namespace mp::test
