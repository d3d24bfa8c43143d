#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/shared/memory.h"
#include "mp/codec/concepts.h"
#include "mp/codec/scalars.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/queue_core.h"
#include "mp/internal/travel.h"

namespace mp::internal {

// From which size on a body goes by wire, and lies in a segment of its own.
inline constexpr std::size_t kLargeBody = std::size_t{128} * 1024;
// From which on it does so if it goes by wire anyway, for its descriptors: a message is one packet,
// for which an empty socket has room.
inline constexpr std::size_t kLargeWithDescriptors = std::size_t{32} * 1024;

// What does not go by the queues: a body that is large, and descriptors.
struct Parcelled {
  std::string bytes;
  std::shared_ptr<Segment> segment;  // if it is there, the body is so many of its bytes:
  std::size_t size = 0;
  std::vector<std::shared_ptr<Descriptor>> descriptors;

  std::string_view body() const;
};

// Segments that are used again once nobody reads them any more, so that large bodies need no fresh
// memory each time.
//
// Thread-safety: any thread.
class SegmentStore {
 public:
  // Errors: MemoryError.
  std::shared_ptr<Segment> take(std::size_t size);
  // The other side has read it.
  void give_back(std::shared_ptr<Segment> segment);
  // Gives memory back to the system.
  void clear();

 private:
  std::mutex mutex_;
  std::shared_ptr<Segment> spare_;
};

// What a message becomes that does not go by a queue. The descriptors are duplicated.
// Errors: MemoryError; ConnectionError if there is no descriptor left.
Parcelled parcel_up(const Pieces& pieces, const OutgoingDescriptors& descriptors,
                    SegmentStore& store);

// One end of the socket between a pool and a worker.
//
// This is a handle: copies are the same end. One thread at a time.
class Wire {
 public:
  explicit Wire(Descriptor socket);

  // Nothing happens if nobody is there to receive.
  // Blocks: until there is room; not at all if all that was sent before has been received.
  // Errors: ConnectionError.
  void send(std::uint64_t task, const Parcelled& parcelled) const;

  // What belongs to this task. What belongs to others, that nobody has asked for, is dropped.
  // Blocks: until it has come. Errors: EOFError, ConnectionError, ValueError.
  Parcelled receive(std::uint64_t task) const;

  // It keeps the memory of the last body mapped, as the next may come in the same; not any more.
  void forget() const;

  std::uint64_t pack() const;
  static Wire unpack(std::uint64_t ticket);

 private:
  struct State;

  std::shared_ptr<State> state_;
};

}  // namespace mp::internal

namespace mp {

template <>
struct Codec<internal::Wire> {
  static constexpr KindSet kKinds{ValueKind::kInt};
  template <class Sink>
  static void write(Sink& out, const internal::Wire& wire) {
    out.write(wire.pack());
  }
  template <class Source>
  static internal::Wire read(Source& in) {
    return internal::Wire::unpack(Codec<std::uint64_t>::read(in));
  }
};

template <>
struct Codec<internal::QueueCore> : internal::HandleCodec<internal::QueueCore> {};

}  // namespace mp
