#include "tests/e2e/frame_client.h"

#include <grpcpp/create_channel.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "tests/e2e/streaming_call.h"

namespace mp::e2e {
namespace {

constexpr std::size_t kHeader = 4;

class StreamClient final : public FrameClient {
 public:
  explicit StreamClient(const std::string& address)
      : call_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()),
              "/mp.v1.Sessions/Stream") {}
  void send(std::string_view frame) override { call_.write_bytes(frame); }
  std::optional<v1::ServerFrame> receive() override {
    v1::ServerFrame frame;
    if (!call_.read(frame)) return std::nullopt;
    return frame;
  }

 private:
  StreamingCall call_;
};

}  // namespace

v1::ServerFrame FrameClient::greet(const v1::Welcome& of) {
  v1::ClientFrame frame;
  frame.mutable_hello()->set_version(1);
  frame.mutable_hello()->set_session(of.session());
  frame.mutable_hello()->set_secret(of.secret());
  frame.mutable_hello()->mutable_client()->set_pid(getpid());
  send(frame.SerializeAsString());
  return receive().value_or(v1::ServerFrame());
}

v1::Outcome FrameClient::ask(std::string_view command) {
  v1::ClientFrame frame;
  frame.add_commands(command.data(), command.size());
  send(frame.SerializeAsString());
  v1::Outcome outcome;
  const auto answer = receive();
  if (answer && answer->outcomes_size() == 1) outcome.ParseFromString(answer->outcomes(0));
  return outcome;
}

SocketClient::SocketClient(const std::string& path)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), path);
}

SocketClient::~SocketClient() { close(fd_); }

void SocketClient::send_raw(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;  // it hung up: receive() tells
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void SocketClient::send(std::string_view frame) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  std::array<char, kHeader> header{};
  std::memcpy(header.data(), &length, kHeader);
  send_raw({header.data(), kHeader});
  send_raw(frame);
}

bool SocketClient::receive_exactly(char* data, std::size_t size) const {
  return recv(fd_, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

std::optional<v1::ServerFrame> SocketClient::receive() {
  std::uint32_t length = 0;
  std::array<char, kHeader> header{};
  if (!receive_exactly(header.data(), kHeader)) return std::nullopt;
  std::memcpy(&length, header.data(), kHeader);
  std::string bytes(length, '\0');
  v1::ServerFrame frame;
  if (!receive_exactly(bytes.data(), length) || !frame.ParseFromString(bytes)) return std::nullopt;
  return frame;
}

std::unique_ptr<FrameClient> stream_client(const std::string& address) {
  return std::make_unique<StreamClient>(address);
}

}  // namespace mp::e2e
