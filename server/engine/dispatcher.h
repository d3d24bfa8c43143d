#pragma once

#include "mp/v1/command.pb.h"
#include "server/engine/catalog.h"
#include "server/engine/engine.h"

namespace mp::server {

// Runs commands: finds the operation and the object, enters the shards that it concerns, and lets
// the outcome leave through the origin's port. Every lane gives its commands here. Thread-safe; a
// command runs on the calling thread.
class Dispatcher {
 public:
  explicit Dispatcher(Engine& engine) : engine_(engine), catalog_(Catalog::get()) {}

  // `outcome` is scratch space of the caller (an arena's message, cleared). What is queued at ports
  // is written when `deliveries` is flushed. Blocks on nothing but mutexes.
  void dispatch(const v1::Command& command, const Origin& origin, v1::Outcome& outcome,
                Deliveries& deliveries);

  // The same straight from the command's bytes, if it has the commonest form (objects/plain.h):
  // then `origin` gets its seq and owner. False: it has not, or its reply has not. Nothing has
  // happened.
  bool dispatch_plain(std::string_view bytes, Origin& origin, Deliveries& deliveries);

  // A command that could not even be read. `seq` may be 0.
  static void refuse(const absl::Status& why, const Origin& origin, Deliveries& deliveries);

 private:
  Engine& engine_;
  const Catalog& catalog_;
};

}  // namespace mp::server
