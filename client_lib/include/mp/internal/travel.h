#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mp/codec/aggregate.h"
#include "mp/codec/concepts.h"
#include "mp/codec/scalars.h"

// How what cannot be said in bytes goes along with bytes: a local object that is an argument of a
// spawned process, or is sent over a Connection, is encoded as the number of a descriptor and what
// to look for behind it. The descriptors are passed beside the bytes.
//
// Thread-safety: both are of the thread that makes them.

namespace mp::internal {

class Descriptor;

// While one is in scope, what is encoded on this thread may leave descriptors here.
class OutgoingDescriptors {
 public:
  OutgoingDescriptors();
  ~OutgoingDescriptors();
  OutgoingDescriptors(const OutgoingDescriptors&) = delete;
  OutgoingDescriptors& operator=(const OutgoingDescriptors&) = delete;

  // The innermost of this thread.
  // Errors: ProcessError if there is none, since `what` ("a lock") would lose its way: it can be an
  // argument of a Process or be sent over a Connection, and nothing else.
  static OutgoingDescriptors& current(const char* what);

  // The number by which the receiver finds it. `owner` keeps `fd` open until all is sent; one that
  // is here already is not sent twice.
  std::size_t add(int fd, std::shared_ptr<const void> owner);

  const std::vector<int>& descriptors() const { return descriptors_; }

 private:
  OutgoingDescriptors* outer_;
  std::vector<int> descriptors_;
  std::vector<std::shared_ptr<const void>> owners_;
};

// While one is in scope, what is decoded on this thread finds its descriptors here.
class IncomingDescriptors {
 public:
  explicit IncomingDescriptors(std::vector<Descriptor> descriptors);
  ~IncomingDescriptors();
  IncomingDescriptors(const IncomingDescriptors&) = delete;
  IncomingDescriptors& operator=(const IncomingDescriptors&) = delete;

  // Errors: ProcessError, as above.
  static IncomingDescriptors& current(const char* what);

  // Descriptor number `index`; it stays this object's, who keeps it makes a duplicate.
  // Errors: ValueError if there is none.
  int at(std::size_t index) const;

 private:
  IncomingDescriptors* outer_;
  std::vector<Descriptor> descriptors_;
};

// A piece of shared memory, as bytes can name it.
struct BlockTicket {
  std::uint64_t descriptor;
  std::uint64_t offset;
  std::uint64_t size;
};

// The codec of a handle H to a local object that lies in one piece of shared memory, and of which
// it is a friend: H has pack() and unpack(ticket).
template <class H>
struct HandleCodec {
  static BlockTicket to(const H& handle) { return handle.pack(); }
  static H from(const BlockTicket& ticket) { return H::unpack(ticket); }

  template <class Sink>
  static void write(Sink& out, const H& handle) {
    out.write(to(handle));
  }
  template <class Source>
  static H read(Source& in) {
    return from(Codec<BlockTicket>::read(in));
  }
};

}  // namespace mp::internal
