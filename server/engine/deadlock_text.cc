#include "server/engine/deadlock_text.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/engine/wall_time.h"
#include "server/objects/error.h"

namespace mp::server {

v1::DeadlockParty party_of(const Owner& owner, const Sessions& sessions) {
  v1::DeadlockParty party;
  party.set_session(owner.session);
  party.set_owner(owner.handle);
  const std::shared_ptr<Session> session = sessions.find(owner.session);
  if (session == nullptr) return party;
  const v1::ClientInfo client = session->client();
  party.set_host(client.host());
  party.set_pid(client.pid());
  party.set_process_name(client.process_name());
  return party;
}

v1::Deadlock describe(const std::vector<DeadlockEdge>& cycle, EverySection& world, Engine& engine) {
  const WallTime wall(engine.now());
  v1::Deadlock deadlock;
  *deadlock.mutable_found() = wall.of(wall.now());
  for (const DeadlockEdge& edge : cycle) {
    const HostedObject& hosted = *world.at(edge.shard).find(edge.object);
    v1::WaitFor& wait = *deadlock.add_cycle();
    *wait.mutable_waiter() = party_of(edge.waiter, engine.sessions());
    *wait.mutable_waiting_since() = wall.of(edge.since);
    wait.set_object(hosted.id);
    wait.set_name(hosted.name);
    wait.set_kind(std::string(name_of(hosted.object->kind())));
    *wait.mutable_holder() = party_of(edge.holder, engine.sessions());
    if (edge.holds == DeadlockEdge::Holds::kTheObject)
      *wait.mutable_held_since() = wall.of(edge.held_since);
  }
  return deadlock;
}

namespace {

std::string text_of(const v1::DeadlockParty& party) {
  const std::string who =
      party.process_name().empty() ? "a process" : absl::StrCat("'", party.process_name(), "'");
  const std::string where =
      party.host().empty() ? "" : absl::StrCat("pid ", party.pid(), " on ", party.host(), ", ");
  return absl::StrCat(who, " (", where, "session ", party.session(), ", owner ", party.owner(),
                      ")");
}

std::string object_of(const v1::WaitFor& wait) {
  if (wait.name().empty()) return absl::StrCat(wait.kind(), " ", wait.object());
  return absl::StrCat(wait.kind(), " '", wait.name(), "'");
}

std::string text_of(const google::protobuf::Timestamp& time) {
  return google::protobuf::util::TimeUtil::ToString(time);
}

}  // namespace

std::string text_of(const v1::Deadlock& deadlock) {
  std::string text;
  for (const v1::WaitFor& wait : deadlock.cycle()) {
    absl::StrAppend(&text, text.empty() ? text_of(wait.waiter()) : ", who", " waits for ",
                    object_of(wait));
    if (wait.has_held_since()) {
      absl::StrAppend(&text, ", held since ", text_of(wait.held_since()), " by ");
    } else {
      absl::StrAppend(&text, ", in line behind ");
    }
    absl::StrAppend(&text, text_of(wait.holder()));
  }
  return text;
}

v1::Error refusal(const v1::Deadlock& deadlock) {
  v1::Error wire;
  wire.set_code(v1::DEADLOCK);
  wire.set_message(absl::StrCat("the wait would never end: ", text_of(deadlock),
                                "; nothing was changed: release what you hold, and try again"));
  *wire.mutable_cycle() = deadlock.cycle();
  return wire;
}

}  // namespace mp::server
