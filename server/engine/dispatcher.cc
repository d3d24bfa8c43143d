#include "server/engine/dispatcher.h"

#include "server/engine/command_run.h"
#include "server/objects/error.h"

namespace mp::server {

void Dispatcher::dispatch(const v1::Command& command, const Origin& origin, v1::Outcome& outcome,
                          Deliveries& deliveries) {
  const Catalog::Entry* entry = catalog_.find(command);
  if (entry == nullptr) {
    const bool newer = command.GetReflection()->GetUnknownFields(command).field_count() != 0;
    return refuse(
        newer ? error(v1::UNKNOWN_OPERATION,
                      "this manager does not know the operation; it may be older than the client")
              : error(v1::BAD_COMMAND, "the command holds no operation"),
        origin, deliveries);
  }
  outcome.set_seq(origin.seq);
  CommandRun(engine_, command, *entry, origin, outcome, deliveries).run();
  engine_.deadlocks().look();
}

void Dispatcher::refuse(const absl::Status& why, const Origin& origin, Deliveries& deliveries) {
  v1::Outcome outcome;
  outcome.set_seq(origin.seq);
  *outcome.mutable_error() = to_wire(why);
  origin.port->append(outcome);
  deliveries.add(origin.port);
}

}  // namespace mp::server
