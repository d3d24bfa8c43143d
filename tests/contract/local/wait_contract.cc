#include <arpa/inet.h>
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
#include "mp/local/event.h"
#include "mp/local/wait.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kSenders = 4;
constexpr int kEach = 10;

class LocalWaitInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalWaitInProcesses, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void send_pairs(const Connection& out, int number, milliseconds pause) {
  for (int i = 0; i < kEach; ++i) {
    std::this_thread::sleep_for(pause);
    out.send(std::pair(i, number));
  }
}

std::vector<std::pair<int, int>> all_pairs() {
  std::vector<std::pair<int, int>> pairs;
  for (int i = 0; i < kEach; ++i)
    for (int number = 0; number < kSenders; ++number) pairs.emplace_back(i, number);
  return pairs;
}

// Takes away those that are at the end of file.
std::vector<std::pair<int, int>> receive_all(std::vector<Connection>& readers) {
  std::vector<std::pair<int, int>> received;
  while (!readers.empty()) {
    for (const Connection& reader : wait(readers)) {
      try {
        received.push_back(reader.recv<std::pair<int, int>>());
      } catch (const EOFError&) {
        std::erase(readers, reader);
      }
    }
  }
  std::ranges::sort(received);
  return received;
}

TEST_P(LocalWaitInProcesses, GivesAllMessagesOfManySendersWhetherTheyPauseOrNot) {
  for (const milliseconds pause : {0ms, 2ms}) {
    std::vector<Connection> readers;
    std::vector<Process> senders;
    for (int number = 0; number < kSenders; ++number) {
      auto [reader, writer] = mp::Pipe(false);
      senders.push_back(started(send_pairs, std::move(writer), number, pause));
      readers.push_back(std::move(reader));
    }
    EXPECT_EQ(receive_all(readers), all_pairs());
    for (Process& sender : senders) expect_success(sender);
  }
}

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

TEST_P(LocalWaitInProcesses, TakesSocketsWhetherTheirSendersPauseOrNot) {
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

TEST_P(LocalWaitInProcesses, TakesSentinelsAndConnectionsTogether) {
  const auto [a, b] = mp::Pipe();
  const Event enough;
  Process child = started([](const Event& its) { its.wait(kLong); }, enough);
  const Waitable sentinel(child.sentinel());
  EXPECT_THAT(wait({a, sentinel, b}, 1ms), IsEmpty());
  enough.set();
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(sentinel));
  a.send(None);
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(sentinel, Waitable(b)));
  b.send(None);
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(Waitable(a), sentinel, Waitable(b)));
  expect_success(child);
}

TEST_P(LocalWaitInProcesses, DoesNotWaitForANegativeTime) {
  const auto [a, b] = mp::Pipe();
  const Event enough;
  Process child = started([](const Event& its) { its.wait(kLong); }, enough);
  EXPECT_THAT(wait({a, child.sentinel(), b}, -1s), IsEmpty());
  enough.set();
  expect_success(child);
}

}  // namespace
}  // namespace mp::contract
