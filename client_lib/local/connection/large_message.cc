#include "client_lib/local/connection/large_message.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "client_lib/local/process/this_process.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

void close_in_children(ThisProcess& self, const std::shared_ptr<Descriptor>& descriptor) {
  std::erase_if(self.sentinels, [](const auto& weak) { return weak.expired(); });
  self.sentinels.push_back(descriptor);
}

std::shared_ptr<Descriptor> kept(int fd) {
  auto descriptor = std::make_shared<Descriptor>(beyond_standard(Descriptor(fd)));
  if (!descriptor->is_open()) throw_cannot(kSend, errno);
  return descriptor;
}

// A number that tells streams apart, those of a parent from those of its child as well.
std::uint64_t note_of(int fd, std::uint64_t generation) {
  constexpr unsigned kHalf = 32;
  return generation << kHalf | (static_cast<std::uint64_t>(fd) + 1);
}

}  // namespace

PrivateStream::PrivateStream() {
  const LockedProcess self;  // no fork comes between
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_cannot(kSend, errno);
  Descriptor second(ends[1]);
  writing = kept(ends[0]);
  reading = kept(second.release());
  close_in_children(*self, writing);
  close_in_children(*self, reading);
}

LargeMessage::LargeMessage(Descriptor stream, std::size_t size, std::vector<Descriptor> descriptors)
    : stream_(std::make_shared<Descriptor>(std::move(stream))),
      filling_{.size = size},
      descriptors_(std::move(descriptors)),
      generation_(fork_generation()) {
  const LockedProcess self;
  close_in_children(*self, stream_);
}

Received LargeMessage::receive(IncomingMessage& message, Deadline deadline) {
  switch (fill(stream_->get(), filling_, deadline)) {
    case Filled::kTimedOut:
      return Received::kTimedOut;
    case Filled::kEndOfFile:
      throw_end_within_message(filling_.got, filling_.size);
    case Filled::kWhole:
      break;
  }
  message.set_bytes(std::move(filling_.bytes));
  message.descriptors = std::move(descriptors_);
  return Received::kMessage;
}

bool LargeMessage::is_of_this_process() const { return generation_ == fork_generation(); }

UnfinishedMessages::~UnfinishedMessages() {
  while (take()) continue;
}

void UnfinishedMessages::note(const LargeMessage* first) {
  noted_.store(first == nullptr ? 0 : note_of(first->stream_->get(), first->generation_),
               std::memory_order_relaxed);
}

void UnfinishedMessages::put(std::unique_ptr<LargeMessage> message) {
  // The whole list changes hands, so that nobody looks into what another has.
  LargeMessage* const added = message.release();
  LargeMessage* last = added;
  while (last->next_) last = last->next_.get();
  note(added);
  LargeMessage* expected = nullptr;
  while (!first_.compare_exchange_weak(expected, added, std::memory_order_acq_rel)) {
    if (expected == nullptr) continue;
    last->next_.reset(first_.exchange(nullptr, std::memory_order_acq_rel));
    while (last->next_) last = last->next_.get();
    expected = nullptr;
  }
}

std::unique_ptr<LargeMessage> UnfinishedMessages::take() {
  if (first_.load(std::memory_order_relaxed) == nullptr) return nullptr;
  std::unique_ptr<LargeMessage> taken(first_.exchange(nullptr, std::memory_order_acq_rel));
  while (taken && !taken->is_of_this_process()) taken = std::move(taken->next_);
  note(nullptr);
  if (taken && taken->next_) put(std::move(taken->next_));
  return taken;
}

int UnfinishedMessages::fd_or(int otherwise) const {
  const std::uint64_t noted = noted_.load(std::memory_order_relaxed);
  if (noted == 0) return otherwise;
  const auto fd = static_cast<int>(static_cast<std::uint32_t>(noted)) - 1;
  return note_of(fd, fork_generation()) == noted ? fd : otherwise;
}

}  // namespace mp::internal
