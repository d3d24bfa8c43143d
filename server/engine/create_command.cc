#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/engine/command_run.h"
#include "server/engine/every_section.h"
#include "server/engine/lookup.h"
#include "server/objects/error.h"
#include "server/objects/watch.h"

// How an object comes to be, or is found by its name.

namespace mp::server {

void CommandRun::run_create() {
  const std::string_view name = entry_.kind->name(request_);
  if (name.empty() &&
      !require_session("an object without a name belongs to a session; give it a name, or open a "
                       "session with mp.v1.Sessions/Open")) {
    return;
  }
  const Target related = entry_.kind->related(request_);
  if (related.name.empty() && related.id == 0) return run_create_alone(name);
  run_create_related(name, related);
}

void CommandRun::run_create_alone(std::string_view name) {
  const Target target{.name = name, .id = 0};
  const auto home_of_name = [&] { return &engine_.shard_of(target); };
  for (Shard* home = name.empty() ? &engine_.next_shard() : home_of_name();;) {
    FencedSection section(engine_, *home, token(), deliveries_);
    if (!name.empty() && home_of_name() != home) {
      home = home_of_name();
      continue;
    }
    if (!admit(section)) return;
    if (entry_.kind->kind == Kind::kCustom) return run_create_custom(*section, name);
    const absl::Status status = create(*section, name, {});
    return status.ok() ? finish(*section) : fail(*section, status);
  }
}

// Inside all sections: the object comes to the shard of the one that it is made for, whatever shard
// its name hashes to.
void CommandRun::run_create_related(std::string_view name, const Target& related) {
  EverySection sections(engine_, deliveries_);
  Section& home = sections.of(related);
  home.count_command();
  if (!admit(home.shard_index())) return;
  const auto run = [&]() -> absl::Status {
    if (token() != nullptr) {
      if (absl::Status status = check_token(sections.of(target_of(*token())), *token());
          !status.ok())
        return status;
    }
    const absl::StatusOr<HostedObject*> other = require_object(home, related);
    if (!other.ok()) return other.status();
    const Target target{.name = name, .id = 0};
    Section& place = !name.empty() && sections.of(target).find(target) != nullptr
                         ? sections.of(target)  // it exists
                         : home;
    if (absl::Status status = create(place, name, {(*other)->object, (*other)->id}); !status.ok())
      return status;
    if (!name.empty()) engine_.locate_name(name, place.shard_index());
    return absl::OkStatus();
  };
  if (absl::Status status = run(); !status.ok()) return fail(home, status);
  finish(home);
}

absl::Status CommandRun::create(Section& section, std::string_view name, const Related& related) {
  bool existed = false;
  const absl::StatusOr<HostedObject*> hosted = find_or_make(section, related, name, existed);
  if (!hosted.ok()) return hosted.status();
  auto& created = reply_as<v1::ObjectCreated>();
  created.set_existed(existed);
  created.mutable_ref()->set_id((*hosted)->id);
  created.mutable_ref()->set_kind(std::string(name_of(entry_.kind->kind)));
  if (entry_.kind->kind == Kind::kWatch) begin_to_count(static_cast<Watch&>(*(*hosted)->object));
  outcome_.add_retained((*hosted)->id);
  return absl::OkStatus();
}

// Whoever has asked for the watch last reads it, and knows from its outcomes that it has news.
void CommandRun::begin_to_count(Watch& watch) {
  if (origin_.session) watch.count_for(origin_.session->watch_counter());
  outcome_.set_version(watch.watched_version());
}

absl::StatusOr<HostedObject*> CommandRun::find_or_make(Section& section, const Related& related,
                                                       std::string_view name, bool& existed) {
  const KindTable& kind = *entry_.kind;
  if (origin_.session) {
    if (absl::Status status = origin_.session->require_reference_room(); !status.ok())
      return status;
  }
  if (absl::Status status = require_life(); !status.ok()) return status;
  if (!v1::CreateMode_IsValid(kind.mode(request_)))
    return error(v1::VALUE_ERROR,
                 absl::StrCat("there is no CreateMode ", static_cast<int>(kind.mode(request_))));
  const Target target{.name = name, .id = 0};
  HostedObject* hosted = name.empty() ? nullptr : section.find(target);
  existed = hosted != nullptr;
  if (existed) {
    if (absl::Status status = require_as_asked(*hosted, related, target); !status.ok())
      return status;
    section.use(*hosted);
    return hosted;
  }
  if (absl::Status status = require_name(name); !status.ok()) return status;
  if (absl::Status status = engine_.require_object_room(); !status.ok()) return status;
  if (absl::Status status = engine_.require_memory(kind.bytes(request_)); !status.ok())
    return status;
  absl::StatusOr<std::unique_ptr<Object>> object = make_object(related);
  if (!object.ok()) return object.status();
  hosted = &section.add(name, *std::move(object));
  if (const v1::ObjectLife* life = kind.life(request_)) section.set_life(*hosted, *life);
  engine_.expect_garbage();
  return hosted;
}

// WRONG_KIND or ALREADY_EXISTS if the object that has the name is not what the request may find.
absl::Status CommandRun::require_as_asked(const HostedObject& hosted, const Related& related,
                                          const Target& target) const {
  const KindTable& kind = *entry_.kind;
  const Kind actual = hosted.object->kind();
  if (kind.mode(request_) == v1::MUST_NOT_EXIST) {
    return error(v1::ALREADY_EXISTS,
                 absl::StrCat(title(name_of(actual), target), " exists already"));
  }
  const std::string what = absl::StrCat("create ", title(name_of(kind.kind), target), ": ");
  if (actual != kind.kind) {
    return error(v1::WRONG_KIND,
                 absl::StrCat(what, "the name belongs to a ", absl_view(name_of(actual))));
  }
  const absl::Status match = kind.require_match(*hosted.object, request_, related);
  if (match.ok()) return match;
  return error(code_of(match), absl::StrCat(what, match.message()));
}

}  // namespace mp::server
