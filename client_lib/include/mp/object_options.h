#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mp/life.h"
#include "mp/proxy/methods/queue_tasks.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

// How objects are made. All but `create` is of an object that is made now.

namespace mp {

// What to do about a name that is taken.
enum class Create : std::uint8_t {
  kGetOrCreate,   // the existing object is the result, if it is of the same kind
  kMustNotExist,  // AlreadyExists
};

// How an object with a name is made.
struct CreateOptions {
  Create create = Create::kGetOrCreate;
  Life life{};  // of an object that is made now
  // Of this proxy of a dict or a value (ValueError for other kinds): get(), at() and contains() are
  // answered in this process where it knows the answer, without a round trip. What they give is
  // never older than the last reply that this process has seen, on whatever object. Not for keys
  // that are floats, tuples or records, or longer than 125 bytes, nor through fenced_by() and
  // async(); a proxy that goes to another process goes without it.
  bool near_cache = false;
  std::size_t near_cache_bytes = 16U << 20U;  // what it may take; the oldest entries make room
};

// The name of an object that is made from arguments of its own: see ObjectFactory::create().
struct Named {
  std::string_view name;  // empty: none
  CreateOptions options{};
};
inline Named named(std::string_view name, CreateOptions options = {}) { return {name, options}; }

struct QueueOptions {
  std::uint64_t maxsize = 0;  // items; 0: bounded only by the manager's limit
  Delivery delivery = Delivery::kAtMostOnce;
  bool close_when_producers_gone = false;  // shut down once all processes that put, or enlisted,
                                           // have left or ended
  Order order = Order::kFifo;
  std::uint64_t max_deliveries = 0;  // of one item, where it is delivered until confirmed; 0: as
                                     // often as it takes
  std::optional<Proxy>
      dead_letters{};  // the queue, of the same manager, that gets what came back
                       // from its last delivery; none: that is dropped, and counted
  Create create = Create::kGetOrCreate;
  Life life{};
};

struct SemaphoreOptions {
  std::uint64_t value = 1;  // permits at first
  bool signal = false;      // permits belong to nobody: see SemaphoreProxy
  Create create = Create::kGetOrCreate;
  Life life{};
};

struct EventOptions {
  bool set = false;  // at first
  Create create = Create::kGetOrCreate;
  Life life{};
};

struct BarrierOptions {
  TimeLimit timeout = None;  // of a wait() that has none
  Create create = Create::kGetOrCreate;
  Life life{};
};

}  // namespace mp
