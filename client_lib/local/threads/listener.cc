#include "mp/threads/listener.h"

#include <ostream>

#include "mp/errors.h"
#include "mp/threads/queue.h"

namespace mp {

namespace internal {

// Those who have connected, and were not accepted yet.
class ThreadListener {
 public:
  threads::Queue<threads::Connection> coming;
};

}  // namespace internal

namespace threads {
namespace {

void end(const internal::ThreadListener& listener) {
  listener.coming.shutdown({.immediate = true});
}

}  // namespace

Listener::Listener()
    : listener_(std::make_shared<internal::ThreadListener>()),
      closes_(nullptr, [listener = listener_](void*) { end(*listener); }) {}

Connection Listener::accept() const { return *try_accept(None); }

Connection Listener::accept(TimeLimit timeout) const {
  auto connection = try_accept(timeout);
  if (!connection) throw TimeoutError("cannot accept: nobody came within the time limit");
  return *std::move(connection);
}

std::optional<Connection> Listener::try_accept(TimeLimit timeout) const {
  try {
    return listener_->coming.try_get(timeout);
  } catch (const ShutDown&) {
    throw ConnectionError("cannot accept: the listener is closed");
  }
}

void Listener::close() const { end(*listener_); }
bool Listener::closed() const { return listener_->coming.is_shut_down(); }

Connection Client(const Address& address) {
  auto [mine, theirs] = Pipe();
  try {
    address.listener_->coming.put(std::move(theirs));
  } catch (const ShutDown&) {
    throw ConnectionError("cannot connect: Connection refused");
  }
  return mine;
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
  return out << static_cast<const void*>(address.listener_.get());
}

}  // namespace threads
}  // namespace mp
