#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/objects/step.h"

namespace mp::server {

// Names one call of a user's method, or of a constructor, for as long as the manager runs; 0: none.
using CallId = std::uint64_t;

// What such a call is told of its caller.
struct CallContext {
  CallId call = 0;
  std::optional<Time> deadline;
  std::shared_ptr<const std::atomic<bool>> cancelled;  // nobody waits for the result any more
};

class CustomType;

// What came of such a call.
struct CallResult {
  absl::Status status;
  std::string exception;             // if that is RAISED: the type of what was thrown
  std::string value;                 // the bytes of an mp.v1.Value; empty: nothing is returned
  std::shared_ptr<void> keeps;       // alive until the references in `value` are counted
  std::shared_ptr<void> instance;    // of a constructor; or a method's result that stays here ...
  const CustomType* type = nullptr;  // ... as an object of this type
};

// A type of the users' own, as its objects see it: how an instance is made, and what can be called.
// Arguments are the bytes of mp.v1.Values, so that the manager needs none of the types' codecs.
//
// Constant once a manager has it. Thread-safe: of one instance, methods that are not read-only run
// alone.
class CustomType {
 public:
  struct Method {
    std::string name;
    bool read_only = false;
    std::string signature;
  };
  using Arguments = std::vector<std::string>;

  virtual ~CustomType() = default;
  virtual const std::string& name() const = 0;
  virtual const std::vector<Method>& methods() const = 0;
  // Neither throws: TYPE_ERROR if the arguments don't fit, and then nothing has run; RAISED.
  virtual CallResult construct(const Arguments& arguments, const CallContext& context) const = 0;
  virtual CallResult call(void* instance, std::size_t method, const Arguments& arguments,
                          const CallContext& context) const = 0;
};

}  // namespace mp::server
