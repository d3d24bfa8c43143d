#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mp/internal/remote_object.h"
#include "mp/internal/timeout.h"
#include "mp/wire/fields.h"

namespace mp {

// How far somebody has seen an object. Can be kept, and given to a later watch, of this process or
// another.
struct WatchPosition {
  std::uint64_t object = 0;   // the object's id
  std::uint64_t version = 0;  // up to which everything was seen
};

}  // namespace mp

namespace mp::internal {

// A watch of this process, over events as they are on the wire.
class WatchReader {
 public:
  // An mp.v1.WatchEvent in the reply that holds it.
  struct Event {
    std::shared_ptr<const Reply> reply;
    std::string_view bytes;

    wire::Fields fields() const { return wire::Fields(bytes, reply->fields().resolver()); }
  };

  virtual ~WatchReader() = default;
  virtual std::optional<Event> next(Timeout timeout) = 0;
  virtual WatchPosition position() const = 0;
  virtual void on_change(std::function<void(const Event&)> callback) = 0;
};

// How a watch is asked for.
struct WatchWish {
  std::string name;    // empty: none
  std::string filter;  // the fields of an mp.v1.WatchCreateRequest that say of what
  std::optional<WatchPosition> resume;
};

// Begins to watch.
std::shared_ptr<WatchReader> watch(const std::shared_ptr<const RemoteObject>& watched,
                                   WatchWish wish);

}  // namespace mp::internal
