#pragma once

#include <vector>

// The processes of a pool, as the system sees them.

namespace mp::test {

// The zygote of this process's only pool.
int zygote_pid();

// False if some of them are still there after a minute.
bool have_gone(const std::vector<int>& pids);

}  // namespace mp::test
