#include "client_lib/local/connection/handshake.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "client_lib/local/connection/hmac.h"
#include "client_lib/local/connection/stream_transport.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr std::string_view kChallenge = "#CHALLENGE#";
constexpr std::string_view kWelcome = "#WELCOME#";
constexpr std::string_view kFailure = "#FAILURE#";
constexpr std::string_view kDigest = "{sha256}";

constexpr std::size_t kLongestMessage = 256;
constexpr std::size_t kRandomBytes = 40;
constexpr std::size_t kFewestRandomBytes = 20;  // Python's measure

std::string_view mark_of(Role role) {
  return role == Role::kListener ? "mp-listener:" : "mp-client:";
}

class Handshake {
 public:
  Handshake(int fd, Role role, std::string_view key, Deadline deadline, const std::string& attempt)
      : fd_(fd), role_(role), key_(key), deadline_(deadline), attempt_(attempt) {}

  // The other side has the key.
  void demand_proof() {
    const std::string challenge = new_challenge(role_);
    send(std::string(kChallenge).append(challenge));
    if (equal_secrets(next_message(), answer_to(challenge, key_))) return send(kWelcome);
    send_failure();
    refuse(
        "the other side has another authkey, or another way to prove it: the digest that came "
        "is wrong");
  }

  // This side has it.
  void prove() {
    const std::string message = next_message();
    std::string_view challenge = message;
    if (!challenge.starts_with(kChallenge)) refuse("what came is no challenge");
    challenge.remove_prefix(kChallenge.size());
    if (!challenge.starts_with(kDigest)) {
      refuse("the challenge that came is of another digest than HMAC-SHA256");
    }
    const std::string_view random = challenge.substr(kDigest.size());
    if (random.size() < kFewestRandomBytes) refuse("the challenge that came is too short");
    if (random.starts_with(mark_of(role_))) refuse("the challenge that came is one of our own");
    send(answer_to(challenge, key_));
    if (next_message() != kWelcome) {
      refuse("the other side has another authkey: the digest sent was rejected");
    }
  }

 private:
  std::string next_message() {
    IncomingMessage message;
    switch (
        transport_.receive(fd_, message, {.deadline = deadline_, .max_length = kLongestMessage})) {
      case Received::kMessage:
        return std::string(message.bytes());
      case Received::kTooLong:
        refuse("what came is longer than any message of a handshake");
      case Received::kEndOfFile:
        throw EOFError(text("the other side is gone before the end of the handshake"));
      case Received::kTimedOut:
        break;
    }
    throw TimeoutError(text("the handshake did not end within the time limit"));
  }

  void send(std::string_view message) { transport_.send(fd_, message, {}); }

  void send_failure() {
    try {
      send(kFailure);
    } catch (const ConnectionError&) {
      // It does not wait for the verdict, which stands all the same.
    }
  }

  [[noreturn]] void refuse(const char* why) const { throw AuthenticationError(text(why)); }

  std::string text(const char* why) const { return "cannot " + attempt_ + ": " + why; }

  const int fd_;
  const Role role_;
  const std::string_view key_;
  const Deadline deadline_;
  const std::string& attempt_;
  StreamTransport transport_;
};

}  // namespace

void authenticate(int fd, Role role, std::string_view key, Deadline deadline,
                  const std::string& attempt) {
  Handshake handshake(fd, role, key, deadline, attempt);
  if (role == Role::kListener) {
    handshake.demand_proof();
    handshake.prove();
  } else {
    handshake.prove();
    handshake.demand_proof();
  }
}

std::string new_challenge(Role role) {
  std::string random(kRandomBytes, '\0');
  if (::getentropy(random.data(), random.size()) != 0) throw_cannot("make a challenge", errno);
  return std::string(kDigest).append(mark_of(role)).append(random);
}

std::string answer_to(std::string_view challenge, std::string_view key) {
  return std::string(kDigest).append(hmac_sha256(key, challenge));
}

}  // namespace mp::internal
