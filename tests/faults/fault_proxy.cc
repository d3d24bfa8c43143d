#include "tests/faults/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace mp::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int new_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int connect_to(const std::string& target) {
  const sockaddr_in address = loopback(std::stoi(target.substr(target.rfind(':') + 1)));
  const int fd = new_socket();
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

FaultProxy::FaultProxy(const std::string& target) : target_(target), listener_(new_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen");
  }
  address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  acceptor_ = std::thread([this] { accept_all(); });
}

FaultProxy::~FaultProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  cut();
  for (Connection& connection : connections_) {
    connection.up.join();
    connection.down.join();
    close(connection.client);
    close(connection.server);
  }
  close(listener_);
}

void FaultProxy::accept_all() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = connect_to(target_);
    if (server < 0) {
      close(client);
      continue;
    }
    const std::lock_guard lock(mutex_);
    Connection& connection = connections_.emplace_back();
    connection.client = client;
    connection.server = server;
    connection.up = std::thread([this, client, server] { copy(client, server); });
    connection.down = std::thread([this, client, server] { copy(server, client); });
  }
}

void FaultProxy::copy(int from, int to) {
  std::array<char, 16384> block{};
  for (;;) {
    const ssize_t size = recv(from, block.data(), block.size(), 0);
    if (size <= 0) break;
    for (ssize_t sent = 0; sent < size;) {
      const ssize_t done =
          send(to, block.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
      if (done <= 0) break;
      sent += done;
    }
  }
  shutdown(to, SHUT_RDWR);
}

int FaultProxy::cut() {
  const std::lock_guard lock(mutex_);
  int count = 0;
  for (Connection& connection : connections_) {
    if (!connection.open) continue;
    connection.open = false;
    shutdown(connection.client, SHUT_RDWR);
    shutdown(connection.server, SHUT_RDWR);
    ++count;
  }
  return count;
}

}  // namespace mp::test
