#include "mp/local/wait.h"

#include <string>

#include "client_lib/local/connection/connection_state.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"

namespace mp {

namespace {

[[noreturn]] void throw_not_open(int fd) {
  throw ValueError("cannot wait: descriptor " + std::to_string(fd) + " is not open");
}

}  // namespace

std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                      internal::Timeout timeout) {
  const auto deadline = internal::deadline_after(timeout);
  std::vector<internal::LeasedDescriptor::Lease> leases;
  std::vector<pollfd> entries;
  for (const Waitable& waitable : waitables) {
    int fd = -1;
    if (const auto* connection = std::get_if<Connection>(&waitable.what_)) {
      auto& state = connection->state();
      leases.push_back(state.to_do("wait"));
      fd = state.transport().to_poll(leases.back().get());
    } else if (const auto* process = std::get_if<const Process*>(&waitable.what_)) {
      fd = (*process)->sentinel();
    } else {
      fd = std::get<int>(waitable.what_);
    }
    if (fd < 0) throw_not_open(fd);  // poll() would pass over it
    entries.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  }
  internal::poll_until(entries, deadline);
  std::vector<std::size_t> ready;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    if ((entries[place].revents & POLLNVAL) != 0) throw_not_open(entries[place].fd);
    if (entries[place].revents != 0) ready.push_back(place);
  }
  return ready;
}

}  // namespace mp
