#include "server/lanes/conversation.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/util/time_util.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
constexpr std::uint32_t kProtocolVersion = 1;
// Commands and outcomes share an arena until they have filled this: emptying it for each would take
// as long as parsing it, and one that is large shall not stay while others run.
constexpr std::size_t kArenaBlock = 32U << 10U;

google::protobuf::ArenaOptions arena_options() {
  thread_local std::vector<char> block(kArenaBlock);
  google::protobuf::ArenaOptions options;
  options.initial_block = block.data();
  options.initial_block_size = block.size();
  return options;
}
}  // namespace

bool Conversation::on_frame(std::string_view bytes) {
  if (!frame_.parse(bytes)) {
    return refuse(
        error(v1::BAD_COMMAND, "the bytes on this connection are not an mp.v1.ClientFrame"));
  }
  if (frame_.hello.has_value() != (session_ == nullptr)) {
    return refuse(error(v1::BAD_COMMAND,
                        "hello belongs into the first frame of a connection, and only there"));
  }
  if (frame_.hello && !greet(*frame_.hello)) return false;
  run_commands();
  return true;
}

bool Conversation::refuse(const absl::Status& why) {
  v1::ServerFrame frame;
  *frame.mutable_refusal() = to_wire(why);
  host_.send(frame);
  return false;
}

absl::StatusOr<std::shared_ptr<Session>> Conversation::session_for(const v1::Hello& hello) {
  if (hello.version() != kProtocolVersion) {
    return error(v1::BAD_COMMAND,
                 absl::StrCat("the client speaks version ", hello.version(),
                              " of the protocol, and this manager ", kProtocolVersion));
  }
  if (!hello.manager().empty() && hello.manager() != engine_.address()) {
    return error(v1::NO_SUCH_OBJECT, absl::StrCat("this manager is ", engine_.address(),
                                                  ", and the client asks for ", hello.manager()));
  }
  if (absl::Status status = host_.admit(hello); !status.ok()) return status;
  const std::string lane(lane_);
  if (hello.session() == 0) return engine_.open_session(hello.client(), lane, std::nullopt);
  auto session = engine_.sessions().find(hello.session(), hello.secret());
  if (session.ok()) (*session)->adopt(hello.client(), lane);
  return session;
}

bool Conversation::greet(const v1::Hello& hello) {
  auto session = session_for(hello);
  if (!session.ok()) return refuse(session.status());
  session_ = *std::move(session);
  session_->attach(host_.port());
  if (session_->ended())
    return refuse(error(v1::SESSION_EXPIRED, "the session has ended just now"));
  host_.on_joined(hello);
  host_.send(welcome());
  return true;
}

v1::ServerFrame Conversation::welcome() const {
  using google::protobuf::util::TimeUtil;
  const Limits& limits = engine_.limits();
  v1::ServerFrame frame;
  v1::Welcome* welcome = frame.mutable_welcome();
  welcome->set_version(kProtocolVersion);
  welcome->set_session(session_->id());
  welcome->set_secret(session_->secret());
  welcome->set_epoch(engine_.epoch());
  welcome->set_max_message_bytes(limits.max_message_bytes);
  welcome->set_max_value_depth(limits.objects.max_depth);
  welcome->set_max_value_bytes(limits.objects.max_bytes);
  welcome->set_manager(engine_.address());
  *welcome->mutable_time_to_live() = TimeUtil::NanosecondsToDuration(
      std::chrono::nanoseconds(limits.session_time_to_live).count());
  return frame;
}

void Conversation::run_commands() {
  if (frame_.lowest_unanswered != 0)
    session_->acknowledge(frame_.lowest_unanswered, frame_.unanswered);
  std::optional<google::protobuf::Arena> arena;  // plain commands need none
  Deliveries deliveries;
  Origin origin{.session = session_, .port = host_.port()};
  std::size_t held = 0;  // of the arena's messages, as bytes of the wire
  for (const std::string_view bytes : frame_.commands) {
    if (dispatcher_.dispatch_plain(bytes, origin, deliveries)) continue;
    if (!arena) arena.emplace(arena_options());
    auto* command = google::protobuf::Arena::CreateMessage<v1::Command>(&*arena);
    auto* outcome = google::protobuf::Arena::CreateMessage<v1::Outcome>(&*arena);
    const auto broken = parse_command(bytes, engine_.limits().objects.max_depth, *command);
    origin.seq = broken ? broken->seq : command->seq();
    origin.owner = command->owner();
    origin.caller_blocks = command->caller_blocks();
    if (!of_methods_) command->clear_inside_call();
    if (broken) {
      dispatcher_.refuse(broken->status, origin, deliveries);
    } else {
      dispatcher_.dispatch(*command, origin, *outcome, deliveries);
    }
    held += bytes.size() + static_cast<std::size_t>(outcome->GetCachedSize());
    if (held < kArenaBlock && arena->SpaceAllocated() <= kArenaBlock) continue;
    arena->Reset();
    held = 0;
  }
}

}  // namespace mp::server
