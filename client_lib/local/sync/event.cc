#include "mp/local/event.h"

#include <ostream>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/shared_event.h"

namespace mp {

using internal::Block;
using internal::SharedEvent;

namespace internal {

// What stands behind an Event and its copies in this process.
struct EventHandle {
  const Block block;
  SharedEvent& shared;
};

}  // namespace internal

using internal::EventHandle;

namespace {

constexpr const char* kWhat = "an event";

std::shared_ptr<EventHandle> make_handle() {
  const auto block = Block::make(sizeof(SharedEvent));
  return std::make_shared<EventHandle>(
      EventHandle{block, internal::construct_in<SharedEvent>(block)});
}

}  // namespace

Event::Event() : Event(make_handle()) {}
Event::Event(std::shared_ptr<EventHandle> handle) : handle_(std::move(handle)) {}

void Event::set() const { handle_->shared.set(); }
void Event::clear() const { handle_->shared.clear(); }
bool Event::is_set() const { return handle_->shared.is_set(); }
bool Event::wait(TimeLimit timeout) const {
  return handle_->shared.wait(internal::deadline_after(timeout.nanoseconds()));
}

internal::BlockTicket Event::pack() const { return handle_->block.pack(kWhat); }

Event Event::unpack(const internal::BlockTicket& ticket) {
  const auto block = Block::unpack(kWhat, ticket);
  return Event(
      std::make_shared<EventHandle>(EventHandle{block, internal::object_in<SharedEvent>(block)}));
}

std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << "<Event at " << static_cast<const void*>(&event.handle_->shared)
             << (event.is_set() ? " set>" : " unset>");
}

}  // namespace mp
