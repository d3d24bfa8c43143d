#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/pool/wire.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/pool_job.h"

namespace mp::internal {

// What a pool has to have done: some items of a job.
struct Task {
  std::uint64_t id = 0;
  std::shared_ptr<Job> job;
  std::size_t first = 0;
  std::size_t items = 0;

  std::string frame;                      // header, code, and body unless by wire
  std::shared_ptr<const Parcelled> wire;  // null: all is in the frame
  TaskLimits limits;

  // Since it was given to a worker that had nothing else to do.
  Deadline soft_deadline = {};
  Deadline hard_deadline = {};

  // Whether a worker must have nothing else in hand when it is given this one.
  bool is_alone() const { return wire != nullptr || limits.soft || limits.hard; }

  void fail(const std::exception_ptr& error) const { job->fail(first, items, error); }
};

}  // namespace mp::internal
