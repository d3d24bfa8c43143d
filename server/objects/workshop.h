#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/objects/custom_type.h"

namespace mp::server {

// How a call needs its object.
enum class Access : std::uint8_t { kShared, kAlone };

// A call that has its object, and is to run outside of all sections.
struct Job {
  std::uint64_t object = 0;
  const CustomType* type = nullptr;
  std::shared_ptr<void> instance;  // null: the constructor is called
  std::size_t method = 0;          // else this one of the type's
  CustomType::Arguments arguments;
  CallContext context;
};

// Where methods of the users' own types run, and who knows of all calls which one waits for which.
// Objects use it inside their sections. Thread-safe; no method blocks.
//
//   arrive() ──► begin() ──► leave(), once it has run
//      │           ▲
//      └─► wait() ─┴──► leave(), if it never begins
class Workshop {
 public:
  virtual ~Workshop() = default;

  // A call of `object` by a method's call `inside` (0, or one that is over: by none).
  // LIMIT_EXCEEDED if there are too many, or too many inside one another.
  virtual absl::StatusOr<CallId> arrive(CallId inside, std::uint64_t object, Access access) = 0;
  // It has to wait for its object. DEADLOCK if that would be for ever: for a call that waits,
  // itself or through others, for this one. LIMIT_EXCEEDED if who has the object needs a thread, so
  // that this one's can be free again, and the system has none.
  virtual absl::Status wait(CallId call) = 0;
  // Does it run inside a call that shares the very object?
  virtual bool shares_already(CallId call) const = 0;
  // It has its object, and runs as soon as there is a thread. Who runs it tells the object.
  // LIMIT_EXCEEDED if the system has no thread; then it has left.
  virtual absl::Status begin(Job job) = 0;
  virtual void leave(CallId call) = 0;
};

}  // namespace mp::server
