#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// How a reference to an object of a manager crosses to another process of this machine: over a
// Connection, through a local Queue, as an argument of a spawned process. The local half knows no
// manager; whoever does says how.

namespace mp::internal {

class RemoteObject;

// Both may use OutgoingDescriptors and IncomingDescriptors, and may throw.
struct ReferenceTravel {
  // What resolve() needs, in another process, beside id and kind: where the manager is.
  std::string (*origin_of)(const RemoteObject& object);

  // This process's handle; null if there is none, and then no proxy can be made of the reference.
  std::shared_ptr<const RemoteObject> (*resolve)(std::uint64_t id, std::string_view kind,
                                                 std::string_view origin);
};

// While one is in scope, what this thread writes goes to a child that is about to be started, and
// to nobody if that fails.
class GoesToNewChild {
 public:
  GoesToNewChild();
  ~GoesToNewChild();
  GoesToNewChild(const GoesToNewChild&) = delete;
  GoesToNewChild& operator=(const GoesToNewChild&) = delete;

  static bool in_scope();
};

// `travel` must live as long as the process. The last one said holds; until one is, references
// cross as mere ids.
//
// Thread-safety: any thread.
void set_reference_travel(const ReferenceTravel* travel);
const ReferenceTravel* reference_travel();

}  // namespace mp::internal
