#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client_lib/local/lane/byte_ring.h"
#include "client_lib/local/lane/lane_frames.h"
#include "client_lib/local/lane/lane_memory.h"
#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/descriptor.h"
#include "tests/e2e/frame_client.h"

namespace mp::e2e {

inline std::string delimited(std::string_view frame) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.append(frame);
}

inline std::string frame_of(const v1::Command& command) {
  v1::ClientFrame frame;
  frame.add_commands(command.SerializeAsString());
  return delimited(frame.SerializeAsString());
}

// A client with its hands on the memory.
class Liar {
 public:
  // In a session of its own, or in that of this welcome.
  explicit Liar(const std::string& path, const v1::Welcome& of = {}) : socket_(path) {
    EXPECT_TRUE(socket_.greet(of).has_welcome());
  }

  void say(internal::LaneFrame frame) const {
    const auto bytes = internal::lane_frame_bytes(frame);
    socket_.send_raw({bytes.data(), bytes.size()});
  }
  // The answer to what was said, if there is one; the memory that came along.
  std::optional<internal::LaneFrame> hear() {
    std::array<char, 6> bytes{};
    iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    internal::Ancillary along;
    along.make_room(message);
    const ssize_t size = recvmsg(socket_.fd(), &message, MSG_WAITALL | MSG_CMSG_CLOEXEC);
    if (size < 0) return std::nullopt;
    for (internal::Descriptor& came : internal::Ancillary::take(message))
      descriptor = std::move(came);
    if (size != 6) return std::nullopt;
    return internal::as_lane_frame(std::string_view(bytes.data(), bytes.size()).substr(4));
  }
  void get_rings() {
    say(internal::LaneFrame::kAsk);
    ASSERT_EQ(hear(), internal::LaneFrame::kOffer);
    std::string why;
    memory = internal::LaneMemory::attach(descriptor, why);
    ASSERT_NE(memory, nullptr) << why;
    say(internal::LaneFrame::kChange);
    ASSERT_EQ(hear(), internal::LaneFrame::kChange);
    writer.emplace(memory->client_writer());
    reader.emplace(memory->client_reader());
  }

  void ring() const { socket_.send_raw(std::string_view("\0", 1)); }
  void write(std::string_view bytes) {
    writer->write(bytes.data(), bytes.size());
    ring();
  }
  // What comes next; nothing once the manager has ended the connection.
  std::string read() {
    std::string bytes(internal::LaneMemory::kRingBytes, '\0');
    for (bool over = false;;) {
      const auto size = reader->read(bytes.data(), bytes.size());
      if (!size || *size != 0 || over) return bytes.substr(0, size.value_or(0));
      pollfd entry{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      over = poll(&entry, 1, 1) == 1 && (entry.revents & POLLHUP) != 0;
    }
  }
  // Does the manager end the connection?
  bool is_hung_up() const {
    pollfd entry{.fd = socket_.fd(), .events = 0, .revents = 0};
    return poll(&entry, 1, 20'000) == 1 && (entry.revents & POLLHUP) != 0;
  }
  // Has it?
  bool is_over() const {
    pollfd entry{.fd = socket_.fd(), .events = 0, .revents = 0};
    return poll(&entry, 1, 0) == 1 && (entry.revents & POLLHUP) != 0;
  }
  internal::RingControl& to_server() const { return memory->control().to_server; }
  internal::RingControl& to_client() const { return memory->control().to_client; }

  internal::Descriptor descriptor;
  std::shared_ptr<internal::LaneMemory> memory;
  std::optional<internal::RingWriter> writer;
  std::optional<internal::RingReader> reader;

 private:
  SocketClient socket_;
};

}  // namespace mp::e2e
