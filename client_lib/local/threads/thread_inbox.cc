#include "client_lib/local/threads/thread_inbox.h"

#include <string>
#include <utility>

#include "client_lib/local/process/uncaught.h"
#include "client_lib/local/threads/wait_until.h"
#include "mp/errors.h"

namespace mp::internal {

void ThreadInbox::put(std::unique_ptr<ThreadMessage> message) {
  const std::scoped_lock lock(mutex_);
  if (!has_receiver_) throw ConnectionError("cannot send: Broken pipe");
  messages_.push_back(std::move(message));
  tell_all();
}

std::unique_ptr<ThreadMessage> ThreadInbox::get(Timeout timeout) {
  std::unique_lock lock(mutex_);
  if (!wait_until(changed_, lock, deadline_after(timeout), [this] { return has_news(); }))
    return nullptr;
  if (!has_receiver_) throw ConnectionError("cannot receive: the connection is closed");
  if (messages_.empty())
    throw EOFError("cannot receive: end of file, the other end of the connection is closed");
  std::unique_ptr<ThreadMessage> message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

bool ThreadInbox::poll(Timeout timeout) {
  std::unique_lock lock(mutex_);
  return wait_until(changed_, lock, deadline_after(timeout), [this] { return has_news(); });
}

bool ThreadInbox::is_ready() const {
  const std::scoped_lock lock(mutex_);
  return has_news();
}

void ThreadInbox::close_for_sending() {
  const std::scoped_lock lock(mutex_);
  has_sender_ = false;
  tell_all();
}

// What nobody will receive may hold handles to this very inbox: it goes when the mutex is free.
void ThreadInbox::close_for_receiving() {
  std::deque<std::unique_ptr<ThreadMessage>> lost;
  const std::scoped_lock lock(mutex_);
  has_receiver_ = false;
  lost.swap(messages_);
  tell_all();
}

void throw_no_such_message(const std::type_info& sent, const std::type_info& asked) {
  throw TypeError("cannot receive: a " + readable_name(asked) + " was asked for, and a " +
                  readable_name(sent) + " was sent");
}

void throw_not_bytes(const std::type_info& sent) {
  throw TypeError("cannot receive: what was sent is a " + readable_name(sent) +
                  ", which has no Codec: it is received as what it is or not at all");
}

void throw_bytes_are_not(const std::type_info& asked) {
  throw TypeError("cannot receive: bytes were sent, of which no " + readable_name(asked) +
                  ", which has no Codec, can be made");
}

}  // namespace mp::internal
