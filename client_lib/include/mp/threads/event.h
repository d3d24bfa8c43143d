#pragma once

#include <iosfwd>
#include <memory>

#include "mp/time_limit.h"

namespace mp {
namespace internal {
class ThreadEvent;
}

namespace threads {

// A flag of the threads of this process, that many can wait for.
//
// Python: multiprocessing.dummy.Event, which is threading.Event. Beyond that, whoever waits at a
// set() goes on, even if the flag is cleared at once. What is said of handles, threads and forks at
// threads::Lock holds here too.
class Event {
 public:
  // Not set.
  Event();

  void set() const;
  void clear() const;
  bool is_set() const;

  // True once the flag is set, or was since this call began; false after the timeout.
  // Blocks: until the flag is set, at most `timeout`.
  bool wait(TimeLimit timeout = None) const;

  // As Python: <Event at 0x7f10 set>
  friend std::ostream& operator<<(std::ostream& out, const Event& event);

 private:
  std::shared_ptr<internal::ThreadEvent> event_;
};

}  // namespace threads
}  // namespace mp
