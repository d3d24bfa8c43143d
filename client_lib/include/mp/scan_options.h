#pragma once

#include <cstdint>

namespace mp {

// How much a scan fetches at a time, and so how much of a container is in memory at once. 0: what
// the manager finds fit, a thousand entries or 256 KiB. It gives at most 10,000, or 4 MiB; one
// entry that is larger comes alone.
struct ScanOptions {
  std::uint32_t entries = 0;
  std::uint64_t bytes = 0;
};

}  // namespace mp
