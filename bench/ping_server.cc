// ping_server PATH: answers on a Unix socket, one connection after the other, with blocking calls.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "bench/ping_pong.h"

namespace {

int listen_on(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener, 8) == 0)
    return listener;
  std::perror("ping_server");
  return -1;
}

// The header of the ping that was received whole; false at the end of the connection.
bool receive_ping(int connection, std::array<char, mp::bench::kMostPing>& bytes,
                  mp::bench::PingHeader& header) {
  std::size_t received = 0;
  do {
    const ssize_t size = recv(connection, bytes.data() + received, bytes.size() - received, 0);
    if (size <= 0) return false;
    received += static_cast<std::size_t>(size);
    if (received >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
  } while (received < sizeof header || received < header.request_bytes);
  return true;
}

void serve(int connection) {
  std::array<char, mp::bench::kMostPing> bytes{};
  mp::bench::PingHeader header;
  while (receive_ping(connection, bytes, header)) {
    if (header.reply_bytes > bytes.size() ||
        send(connection, bytes.data(), header.reply_bytes, MSG_NOSIGNAL) < 0)
      return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = listen_on(argv[1]);
  if (listener < 0) return 1;
  std::cout << "listen unix:" << argv[1] << std::endl;
  for (;;) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return 1;
    serve(connection);
    close(connection);
  }
}
