#include "client_lib/local/pool/wire.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "client_lib/local/connection/packet_transport.h"
#include "client_lib/local/os/pidfd.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// At the head of a message; the body follows, unless it is in the first of the descriptors.
struct WireHeader {
  std::uint64_t task;
  std::uint64_t size_in_segment;  // 0: there is no segment
};

Descriptor own_copy(int fd) {
  Descriptor copy = duplicate(fd);
  if (copy.is_open()) return copy;
  throw ConnectionError("a descriptor can't be sent along with a task" + errno_text(errno));
}

// Room for what is only a little larger than the last.
std::size_t rounded(std::size_t size) {
  constexpr std::size_t kUnit = std::size_t{64} * 1024;
  return (size + kUnit - 1) / kUnit * kUnit;
}

}  // namespace

std::string_view Parcelled::body() const {
  if (!segment) return bytes;
  return {reinterpret_cast<const char*>(segment->data()), size};
}

std::shared_ptr<Segment> SegmentStore::take(std::size_t size) {
  const std::lock_guard lock(mutex_);
  if (spare_ && spare_->size() >= size && spare_->size() / 4 <= size)
    return std::exchange(spare_, nullptr);
  return std::make_shared<Segment>(rounded(size));
}

void SegmentStore::give_back(std::shared_ptr<Segment> segment) {
  constexpr std::size_t kMostKept = std::size_t{256} << 20U;
  if (segment->size() > kMostKept) return;
  const std::lock_guard lock(mutex_);
  if (!spare_ || spare_->size() < segment->size()) spare_ = std::move(segment);
}

void SegmentStore::clear() {
  const std::lock_guard lock(mutex_);
  spare_.reset();
}

Parcelled parcel_up(const Pieces& pieces, const OutgoingDescriptors& descriptors,
                    SegmentStore& store) {
  Parcelled parcelled;
  if (pieces.size() >= kLargeWithDescriptors) {
    parcelled.size = pieces.size();
    parcelled.segment = store.take(pieces.size());
    pieces.copy_to(reinterpret_cast<char*>(parcelled.segment->data()));
  } else {
    pieces.append_to(parcelled.bytes);
  }
  for (const int fd : descriptors.descriptors())
    parcelled.descriptors.push_back(std::make_shared<Descriptor>(own_copy(fd)));
  return parcelled;
}

struct Wire::State {
  Descriptor socket;
  PacketTransport transport;
  std::shared_ptr<Segment> last;
};

Wire::Wire(Descriptor socket) : state_(std::make_shared<State>()) {
  state_->socket = std::move(socket);
}

void Wire::send(std::uint64_t task, const Parcelled& parcelled) const {
  const WireHeader header{task, parcelled.segment ? parcelled.size : 0};
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += parcelled.bytes;
  std::vector<int> descriptors;
  if (parcelled.segment) descriptors.push_back(parcelled.segment->fd());
  for (const auto& descriptor : parcelled.descriptors) descriptors.push_back(descriptor->get());
  state_->transport.send(state_->socket.get(), message, descriptors);
}

Parcelled Wire::receive(std::uint64_t task) const {
  for (;;) {
    IncomingMessage message;
    const Received received = state_->transport.receive(state_->socket.get(), message, {});
    if (received != Received::kMessage) throw EOFError("a pool's wire has nobody at the other end");
    WireHeader header{};
    const std::string_view bytes = message.bytes();
    const bool is_whole = bytes.size() >= sizeof header;
    if (is_whole) std::memcpy(&header, bytes.data(), sizeof header);
    if (!is_whole || (header.size_in_segment != 0 && message.descriptors.empty()))
      throw ValueError("what came by a pool's wire can't be read");
    if (header.task != task) continue;
    Parcelled parcelled;
    auto first = message.descriptors.begin();
    if (header.size_in_segment != 0) {
      parcelled.segment = Segment::adopt(first++->get());
      state_->last = parcelled.segment;
      parcelled.size = header.size_in_segment;
      if (parcelled.size > parcelled.segment->size())
        throw ValueError("a body by a pool's wire is said to be larger than its memory");
    } else {
      parcelled.bytes = bytes.substr(sizeof header);
    }
    for (; first != message.descriptors.end(); ++first)
      parcelled.descriptors.push_back(std::make_shared<Descriptor>(std::move(*first)));
    return parcelled;
  }
}

void Wire::forget() const { state_->last.reset(); }

std::uint64_t Wire::pack() const {
  return OutgoingDescriptors::current("a pool's wire").add(state_->socket.get(), state_);
}

Wire Wire::unpack(std::uint64_t ticket) {
  return Wire(own_copy(IncomingDescriptors::current("a pool's wire").at(ticket)));
}

}  // namespace mp::internal
