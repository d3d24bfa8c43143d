#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "mp/internal/target.h"
#include "mp/start_method.h"

namespace mp::internal {

// What stands behind a Process and all handles to it.
//
//   initial ──start──▶ started ──ends, and is reaped──▶ stopped
//      └──────────────────close─────────────────┬──────────┘
//                                               ▼
//                                            closed
//
// Invariant: pidfd and sentinel are set from the start on, exitcode once reaped; target until the
// start. The sentinel is the pidfd where the child is one of the system's too, and else a socket on
// which its end is told. A process that is started and not reaped stands in ThisProcess::children
// of its creator.
struct ProcessState {
  // Constant after construction.
  int creator;  // the process that made the object, the only one that may start and await it
  std::vector<int> identity;
  std::optional<StartMethod> start_method;

  // Guarded by LockedProcess, which it is reached through.
  std::string name;
  bool daemon = false;
  bool closed = false;
  std::unique_ptr<Target> target;
  std::optional<int> pid = {};
  std::optional<int> exitcode = {};
  std::shared_ptr<Descriptor> pidfd = {};
  // Shared, so that it outlives a close() for those who wait at it.
  std::shared_ptr<Descriptor> sentinel = {};
};

}  // namespace mp::internal
