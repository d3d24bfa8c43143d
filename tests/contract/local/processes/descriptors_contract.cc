#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

// Descriptors that are sent, and waited for.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int kSenders = 4;
constexpr int kEach = 10;

class LocalDescriptorsInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalDescriptorsInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

void write_foo(const Connection& in) {
  const int fd = in.recv_descriptor();
  demand(fd > STDERR_FILENO && ::write(fd, "foo", 3) == 3, "a descriptor to write to");
}

TEST_P(LocalDescriptorsInProcesses, TakesADescriptorToAProcessThatRuns) {
  auto [mine, theirs] = Pipe();
  Process child = started(write_foo, std::move(theirs));
  test::Pipe file;
  mine.send_descriptor(file.write_end());
  EXPECT_EQ(file.read_all(), "foo");
  expect_success(child);
}

TEST_P(LocalDescriptorsInProcesses, TakesADescriptorWithALargeNumber) {
  auto [mine, theirs] = Pipe();
  Process child = started(write_foo, std::move(theirs));
  test::Pipe file;
  const int large = ::fcntl(file.write_end(), F_DUPFD_CLOEXEC, 300);
  ASSERT_GE(large, 300);
  mine.send_descriptor(large);
  ::close(large);
  EXPECT_EQ(file.read_all(), "foo");
  expect_success(child);
}

TEST_P(LocalDescriptorsInProcesses, FindsAMessageWithoutADescriptor) {
  auto [mine, theirs] = Pipe();
  const auto expect_none = [](const Connection& in) {
    try {
      in.recv_descriptor();
      mp::exit(1);
    } catch (const ConnectionError&) {
      mp::exit(in.recv<int>() == 7 ? 0 : 2);
    }
  };
  Process child = started(expect_none, std::move(theirs));
  mine.send_bytes("none");
  mine.send(7);
  expect_success(child);
}

class LocalWaitForSockets : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalWaitForSockets, testing::ValuesIn(all_ways()), name_of_param);

// A TCP socket of this machine, closed at the end.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    if (fd_ < 0) throw std::runtime_error("no socket");
  }
  Socket() : Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Gives the port.
std::uint16_t listen_on(const Socket& socket) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.fd(), place, size) != 0 || ::listen(socket.fd(), kSenders) != 0 ||
      ::getsockname(socket.fd(), place, &size) != 0)
    throw std::runtime_error("cannot listen");
  return ntohs(address.sin_port);
}

void send_lines(std::uint16_t port, milliseconds pause) {
  const Socket socket;
  sockaddr_in address = loopback(port);
  demand(::connect(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
         "somebody listens");
  for (int i = 0; i < kEach; ++i) {
    std::this_thread::sleep_for(pause);
    const std::string line = std::to_string(i) + "\n";
    demand(::write(socket.fd(), line.data(), line.size()) == 2, "the line goes");
  }
}

// What comes through each of them until its end.
std::vector<std::string> read_all(const std::vector<Socket>& sockets) {
  std::vector<int> open;
  for (const Socket& socket : sockets) open.push_back(socket.fd());
  std::vector<std::string> texts(sockets.size());
  while (!open.empty()) {
    for (const int fd : wait(open)) {
      char bytes[32];
      const ssize_t got = ::read(fd, bytes, sizeof bytes);
      const auto place = std::ranges::find(sockets, fd, &Socket::fd) - sockets.begin();
      if (got > 0) texts.at(static_cast<std::size_t>(place)).append(bytes, bytes + got);
      if (got <= 0) std::erase(open, fd);
    }
  }
  return texts;
}

TEST_P(LocalWaitForSockets, TakesSocketsWhetherTheirSendersPauseOrNot) {
  for (const milliseconds pause : {0ms, 2ms}) {
    const Socket listener;
    const std::uint16_t port = listen_on(listener);
    std::vector<Process> senders;
    for (int i = 0; i < kSenders; ++i) senders.push_back(started(send_lines, port, pause));
    std::vector<Socket> sockets;
    for (int i = 0; i < kSenders; ++i)
      sockets.emplace_back(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_THAT(read_all(sockets), testing::Each("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"));
    for (Process& sender : senders) expect_success(sender);
  }
}

}  // namespace
}  // namespace mp::contract
