#include "server/lanes/remote_conversation.h"

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
// Nobody who has not said who he is has more to say.
constexpr std::uint64_t kMaxGreeting = 128U << 10U;
}  // namespace

absl::Status hello_too_late() {
  return error(v1::TIMEOUT, "the client has not said hello in time (limit --hello-timeout)");
}

absl::Status RemoteConversation::admit(const v1::Hello& hello) {
  if (authenticated_ || token_.is(hello.token())) return absl::OkStatus();
  return error(v1::UNAUTHENTICATED_CLIENT,
               "this manager demands a token, and the client shows none, or another");
}

void RemoteConversation::on_joined(const v1::Hello&) {
  // From now on its own time to live, be it of a child that had longer to come.
  engine_.unwatch(session()->id(), std::nullopt);
  renewed_ = engine_.now();
}

bool RemoteConversation::require_size(std::uint64_t bytes) {
  const std::uint64_t limit =
      session() == nullptr ? kMaxGreeting : engine_.limits().max_message_bytes;
  if (bytes <= limit + (64U << 10U)) return true;
  return refuse(error(v1::LIMIT_EXCEEDED, absl::StrCat("a frame is larger than ", limit,
                                                       " bytes (limit --max-message-bytes)")));
}

bool RemoteConversation::take(std::string_view frame) {
  if (!conversation_.on_frame(frame)) return false;
  renew();
  return true;
}

// Not for every frame: whoever sends many is renewed now and then.
void RemoteConversation::renew() {
  const Time now = engine_.now();
  if (now - renewed_ < engine_.limits().session_time_to_live / 8) return;
  renewed_ = now;
  engine_.sessions().renew(session()->id(), now);
}

}  // namespace mp::server
