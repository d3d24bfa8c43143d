// A bare exchange of --request and --reply bytes over a Unix socket: the floor for the local lane.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/peer.h"
#include "bench/ping_pong.h"

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("ping: " + what + ": " + std::strerror(errno));
}

class PingPeer final : public mp::bench::Peer {
 public:
  PingPeer(const std::string& path, std::size_t request, std::size_t reply)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), request_(request), reply_(reply) {
    if (request < mp::bench::kLeastPing || request > mp::bench::kMostPing ||
        reply > mp::bench::kMostPing)
      throw std::runtime_error("ping: these sizes cannot be exchanged");
    const mp::bench::PingHeader header{.request_bytes = static_cast<std::uint32_t>(request),
                                       .reply_bytes = static_cast<std::uint32_t>(reply)};
    std::memcpy(request_.data(), &header, sizeof header);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      fail(path);
  }
  ~PingPeer() override { close(socket_); }
  PingPeer(const PingPeer&) = delete;
  PingPeer& operator=(const PingPeer&) = delete;

  void get() override { exchange(); }
  void set() override { exchange(); }

 private:
  void exchange() {
    if (send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size()))
      fail("send");
    for (std::size_t received = 0; received < reply_.size();) {
      const ssize_t size = recv(socket_, reply_.data() + received, reply_.size() - received, 0);
      if (size <= 0) fail("recv");
      received += static_cast<std::size_t>(size);
    }
  }

  const int socket_;
  std::vector<char> request_;
  std::vector<char> reply_;
};

}  // namespace

int main(int argc, char** argv) {
  return mp::bench::run_client(argc, argv, [](const mp::bench::Arguments& arguments) {
    return std::make_unique<PingPeer>(mp::bench::Address(arguments.text("address")).path,
                                      arguments.count("request"), arguments.count("reply"));
  });
}
