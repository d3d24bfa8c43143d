#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/shared/spin.h"
#include "client_lib/manager/lane.h"

namespace mp::internal {

// The address of a Unix socket.
struct SocketAddress {
  sockaddr_un socket{};
  socklen_t size = 0;

  // Errors: ValueError if the path or name is longer than Unix sockets allow.
  static SocketAddress at_path(const std::string& path);
  static SocketAddress at_abstract(std::string_view name);
  // Either of them, by what name() gives.
  static SocketAddress named(const std::string& name);
  // The path, or a null character and the abstract name.
  std::string name() const;
};

// A connected socket of the local lane.
class LaneSocket final : public LaneConnection {
 public:
  // Null, and an errno, if nobody listens. A Unix socket connects at once or not at all.
  static std::shared_ptr<LaneSocket> connect(const SocketAddress& address, const Spin& spin,
                                             int& error);
  ~LaneSocket() override;

  // The user whose process listens.
  uid_t owner() const;

  Result send_some(const char* data, std::size_t size, std::size_t& sent) override;
  Result receive(char* data, std::size_t size, const Deadline& deadline,
                 std::size_t& received) override;
  Result wait_either(const Deadline& deadline) override;
  void shut() override;

  // Waits until there is something to receive, or the end.
  Result wait_readable(const Deadline& deadline) const;

  // From now on descriptors that come along are kept, or are lost as before.
  void keep_descriptors(bool keep) { keeps_descriptors_ = keep; }
  // The last one that came, if any did.
  Descriptor take_descriptor() { return std::move(descriptor_); }

  // What says nothing, but wakes who waits at the other end; one that is not taken is one too many.
  void ring() const;
  // Waits for such, asleep; they are gone then.
  Result await_bell(const Deadline& deadline);

 private:
  LaneSocket(int fd, const Spin& spin);
  Result receive_asleep(char* data, std::size_t size, const Deadline& deadline,
                        std::size_t& received);
  ssize_t receive_once(char* data, std::size_t size, int flags);
  Result poll_for(short events, const Deadline& deadline) const;

  const int fd_;
  Spin spin_;
  bool keeps_descriptors_ = false;
  Descriptor descriptor_;
  Clock::time_point asked_{};  // when an answer was waited for last
};

// A manager, or a relay to one, behind a Unix socket of this host.
class SocketEndpoint : public Endpoint {
 public:
  enum class Owner {
    kAny,             // the user has named the socket
    kThisUserOrRoot,  // it was found where it usually is: another user's is not to be trusted
  };
  SocketEndpoint(const SocketAddress& address, Owner owner) : address_(address), owner_(owner) {}

  std::shared_ptr<LaneConnection> connect(std::string& why) override;
  Origin road() const override;

 protected:
  // The same; `error` is an errno if nobody listens.
  std::shared_ptr<LaneConnection> connect(std::string& why, int& error) const;

 private:
  const SocketAddress address_;
  const Owner owner_;
};

}  // namespace mp::internal
