#pragma once

#include <memory>

#include "mp/v1/command.pb.h"
#include "server/engine/engine.h"

namespace mp::server {

// Runs commands: finds the operation and the object, enters the shards that it concerns, and lets the outcome leave
// through the origin's port. Every lane gives its commands here. Thread-safe; a command runs on the calling thread.
class Dispatcher {
 public:
  explicit Dispatcher(Engine& engine) : engine_(engine), catalog_(Catalog::get()) {}

  // `outcome` is scratch space of the caller (an arena's message, cleared). What is queued at ports is written when
  // `deliveries` is flushed. Blocks on nothing but mutexes.
  void dispatch(const v1::Command& command, const Origin& origin, v1::Outcome& outcome, Deliveries& deliveries);

  // A command that could not even be read. `seq` may be 0.
  void refuse(const absl::Status& why, const Origin& origin, Deliveries& deliveries);

 private:
  struct Running;  // a command, its origin and its outcome on their way through the dispatcher

  void run_operation(Running& running);
  void run_fenced(Running& running);
  void run_create(Running& running);
  void run_batch(Running& running);
  void run_cancel(Running& running);
  void run_object_operation(Running& running);
  void run_session_operation(Running& running);
  void reply(Running& running, std::vector<Gift> gifts = {});
  void fail(Running& running, const absl::Status& status);
  // Inside the section of the command's object: may it begin? If not, it has been dealt with.
  bool admit(Running& running, std::uint32_t shard);

  Engine& engine_;
  const Catalog& catalog_;
};

}  // namespace mp::server
