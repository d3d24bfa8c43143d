#pragma once

namespace mp {

// How a queue is shut down. Python: queue.shutdown(immediate=...).
struct ShutdownOptions {
  bool immediate = false;  // drop the items, and fail getters at once
};

}  // namespace mp
