#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/engine/command_run.h"
#include "server/engine/every_section.h"
#include "server/engine/inspection.h"
#include "server/engine/lookup.h"
#include "server/objects/error.h"

// The commands of mp.v1.Objects that concern an object's name and life, and all objects.

namespace mp::server {

absl::Status CommandRun::require_name(std::string_view name) const {
  const std::uint64_t limit = engine_.limits().max_name_bytes;
  if (name.size() <= limit) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED,
               absl::StrCat("the name has ", name.size(), " bytes and may have ", limit,
                            " (limit --max-name-bytes)"));
}

// Inside all sections, since the name may move from one shard to another.
void CommandRun::run_rename() {
  const auto& request = request_as<v1::ObjectRenameRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  const Target renamed{.name = request.new_name(), .id = 0};
  EverySection sections(engine_, deliveries_);
  Section& home = sections.of(target);
  home.count_command();
  if (!admit(home.shard_index())) return;
  const auto rename = [&]() -> absl::Status {
    if (token() != nullptr) {
      if (absl::Status status = check_token(sections.of(target_of(*token())), *token());
          !status.ok())
        return status;
    }
    const absl::StatusOr<HostedObject*> hosted = require_object(home, target);
    if (!hosted.ok()) return hosted.status();
    if (renamed.name.empty()) return error(v1::VALUE_ERROR, "the new name is empty");
    if (absl::Status status = require_name(renamed.name); !status.ok()) return status;
    if (const HostedObject* taken = sections.of(renamed).find(renamed)) {
      if (taken == *hosted) return absl::OkStatus();
      return error(v1::ALREADY_EXISTS,
                   absl::StrCat("rename ", title(name_of((*hosted)->object->kind()), target), ": ",
                                title(name_of(taken->object->kind()), renamed), " exists already"));
    }
    home.rename(**hosted, renamed.name);
    engine_.locate_name(renamed.name, home.shard_index());
    return absl::OkStatus();
  };
  if (absl::Status status = rename(); !status.ok()) return fail(home, status);
  reply();
  finish(home);
}

namespace {

absl::Status check_life(const v1::ObjectLife& life) {
  const bool positive =
      (!life.has_time_to_live() || duration_of(life.time_to_live()) > Duration::zero()) &&
      (!life.has_idle_time() || duration_of(life.idle_time()) > Duration::zero());
  if (positive) return absl::OkStatus();
  return error(v1::VALUE_ERROR, "a time to live, or to be idle, must be longer than 0");
}

}  // namespace

absl::Status CommandRun::require_life() const {
  const v1::ObjectLife* life = entry_.kind->life(request_);
  return life == nullptr ? absl::OkStatus() : check_life(*life);
}

void CommandRun::run_set_life() {
  const auto& request = request_as<v1::ObjectSetLifeRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  if (absl::Status status = check_life(request.life()); !status.ok()) return fail(*section, status);
  section->set_life(**hosted, request.life());
  reply();
  finish(*section);
}

void CommandRun::run_get_life() {
  const auto& request = request_as<v1::ObjectGetLifeRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  section->get_life(**hosted, *reply_as<v1::ObjectGetLifeReply>().mutable_life());
  finish(*section);
}

void CommandRun::run_get_version() {
  const auto& request = request_as<v1::ObjectGetVersionRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  const std::uint64_t version = (*hosted)->object->version();
  reply_as<v1::ObjectGetVersionReply>().set_version(version);
  outcome_.set_version(version);
  finish(*section);
}

void CommandRun::run_count() {
  engine_.collect();
  FencedSection section(engine_, *engine_.shards().front(), token(), deliveries_);
  if (!admit(section)) return;
  reply_as<v1::ObjectCountReply>().set_count(engine_.objects());
  finish(*section);
}

void CommandRun::run_describe() {
  const auto& request = request_as<v1::ObjectDescribeRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  const bool all = target.name.empty() && target.id == 0;
  std::string text;
  const absl::Status status =
      all ? Inspection(engine_).text_of_all(text) : Inspection(engine_).text_of(target, text);
  FencedSection section(engine_, all ? *engine_.shards().front() : engine_.shard_of(target),
                        token(), deliveries_);
  if (!admit(section)) return;
  if (!status.ok()) return fail(*section, status);
  reply_as<v1::ObjectDescribeReply>().set_text(std::move(text));
  finish(*section);
}

}  // namespace mp::server
