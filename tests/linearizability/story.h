#pragma once

#include <cstdint>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// Operations one after another, each as long as a tick.
class Story {
 public:
  Story& done(int client, Code code, std::int64_t argument = kAbsent, std::int64_t value = kAbsent,
              std::int64_t extra = kAbsent) {
    return add({.client = client,
                .code = code,
                .outcome = Outcome::kDone,
                .argument = argument,
                .value = value,
                .extra = extra});
  }
  Story& refused(int client, Code code, std::int64_t argument = kAbsent) {
    return add(
        {.client = client, .code = code, .outcome = Outcome::kRefused, .argument = argument});
  }
  Story& pending(int client, Code code, std::int64_t argument = kAbsent) {
    return add({.client = client, .code = code, .argument = argument});
  }
  // Until the end of the story, from its beginning on.
  Story& at_any_time(Operation operation) {
    operation.invoked = 0;
    operation.returned = kNever - 1;
    history_.push_back(operation);
    return *this;
  }

  // The last of them gave something, of which the manager may not have heard that it arrived.
  Story& unheard() {
    history_.back().unheard = true;
    return *this;
  }

  template <class M>
  bool fits() const {
    return check<M>(history_).linearizable();
  }
  const History& history() const { return history_; }

  // This one, in its own time.
  Story& add(Operation operation) {
    operation.invoked = ++now_;
    operation.returned = operation.pending() ? kNever : ++now_;
    history_.push_back(operation);
    return *this;
  }

 private:
  History history_;
  std::int64_t now_ = 0;
};

}  // namespace mp::linearizability
