#include "mp/pool.h"

#include <algorithm>
#include <exception>

#include "mp/logging.h"

namespace mp {
namespace internal {

std::size_t default_chunksize(std::size_t items, std::size_t processes) {
  constexpr std::size_t kPerWorker = 4;
  const std::size_t chunks = kPerWorker * processes;
  return std::max<std::size_t>(1, (items + chunks - 1) / chunks);
}

std::size_t checked_chunksize(std::size_t chunksize) {
  if (chunksize >= 1) return chunksize;
  throw ValueError("a chunksize or buffersize must be at least 1");
}

// What ends with the scope of a pool. A callback can't wait for what goes on without it.
void end_scope(JobRunner& pool, Timeout drain_timeout, bool is_unwinding) noexcept {
  try {
    pool.close();
    if (is_unwinding || pool.is_delivering_here() || !pool.join(drain_timeout)) pool.terminate();
  } catch (const std::exception& error) {
    get_logger().error([&] { return std::string("the end of a pool: ") + error.what(); });
  }
}

}  // namespace internal

Pool::Pool(const PoolOptions& options, std::shared_ptr<internal::Target> initializer, int)
    : core_(std::make_shared<internal::PoolCore>(options, std::move(initializer))),
      drain_timeout_(options.drain_timeout.nanoseconds()) {}

Pool::~Pool() {
  if (core_)
    internal::end_scope(*core_, drain_timeout_, std::uncaught_exceptions() > exceptions_at_first_);
}

std::ostream& operator<<(std::ostream& out, const Pool& pool) {
  return out << "<Pool " << pool.core_->describe() << '>';
}

}  // namespace mp
