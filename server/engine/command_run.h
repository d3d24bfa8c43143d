#pragma once

#include "server/engine/catalog.h"
#include "server/engine/engine.h"
#include "server/engine/fenced_section.h"
#include "server/objects/plain.h"

namespace mp::server {

// One command on its way through the engine.
//
//   enter the section ──► admit() ──► run ──► finish() or fail(): an outcome that is kept
//                            └─► refuse(), or a duplicate: the command has not begun, and leaves no
//                            trace
class CommandRun {
 public:
  CommandRun(Engine& engine, const v1::Command& command, const Catalog::Entry& entry,
             const Origin& origin, v1::Outcome& outcome, Deliveries& deliveries);

  void run();
  // Runs a plain request (plain.h) of the entry's operation. False: the reply is not plain; nothing
  // has happened, and the command is to be parsed and run.
  bool run_plain(PlainRequest& request);

 private:
  bool run_plain(Section& section, const Target& target, PlainRequest& request);

  // On objects (command_run.cc).
  void run_operation();
  void run_create();
  void run_create_alone(std::string_view name);
  void run_create_related(std::string_view name, const Target& related);
  absl::Status create(Section& section, std::string_view name, const Related& related);
  void begin_to_count(class Watch& watch);
  absl::StatusOr<HostedObject*> find_or_make(Section& section, const Related& related,
                                             std::string_view name, bool& existed);
  absl::Status require_as_asked(const HostedObject& hosted, const Related& related,
                                const Target& target) const;
  absl::Status require_room_for(std::string_view name);
  // Of a user's own type (custom_commands.cc).
  void run_create_custom(Section& section, std::string_view name);
  absl::StatusOr<std::unique_ptr<Object>> make_object(const Related& related);
  void run_batch();

  // Built in (built_in_commands.cc).
  void run_built_in();
  void run_find();
  void run_delete();
  void run_retain();
  void run_release();

  // Built in (object_commands.cc).
  void run_rename();
  void run_set_life();
  void run_get_life();
  void run_get_version();
  void run_count();
  void run_describe();
  absl::Status require_name(std::string_view name) const;
  absl::Status require_life() const;

  void run_cancel();
  bool give_up(Section& section, std::uint64_t seq, v1::CancelReply& cancel);
  void run_open_child();
  absl::Status require_references(int more) const;
  void run_take();
  void run_close();

  // Inside the command's section: may it begin, and is the token that it demands held? If not, it
  // has been dealt with.
  bool admit(FencedSection& section);
  bool admit(std::uint32_t shard);
  bool require_session(std::string_view why);
  void refuse(const absl::Status& why);
  void fail(Section& section, const absl::Status& why);
  void finish(Section& section) { section.deliver(outcome_, origin_, {}); }

  const v1::RequiredToken* token() const {
    return command_.has_require_token() ? &command_.require_token() : nullptr;
  }
  template <class Request>
  const Request& request_as() const {
    return static_cast<const Request&>(request_);
  }
  google::protobuf::Message& reply() { return entry_.reply_in(outcome_); }
  template <class Reply>
  Reply& reply_as() {
    return static_cast<Reply&>(reply());
  }

  Engine& engine_;
  const v1::Command& command_;
  const Catalog::Entry& entry_;
  const google::protobuf::Message& request_;
  const Origin& origin_;
  v1::Outcome& outcome_;
  Deliveries& deliveries_;
};

}  // namespace mp::server
