#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace mp::internal {
class RemoteObject;
}  // namespace mp::internal

namespace mp::wire {

// Turns the reference to an object that a reply holds into a handle of the session that got the
// reply.
//
// Thread-safety: may be called from any thread.
class RefResolver {
 public:
  virtual ~RefResolver() = default;
  virtual std::shared_ptr<const internal::RemoteObject> resolve(std::uint64_t id,
                                                                std::string_view kind) const = 0;
};

}  // namespace mp::wire
