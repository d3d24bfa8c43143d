#include "client_lib/manager/remote_failure.h"

#include <chrono>

#include "mp/wire/fields.h"

namespace mp::internal {
namespace {

// A google.protobuf.Timestamp.
std::chrono::system_clock::time_point time_of(wire::Fields timestamp) {
  std::chrono::nanoseconds since_epoch{};
  while (timestamp.next()) {
    const auto number = static_cast<std::int64_t>(timestamp.uint());
    if (timestamp.field() == 1) since_epoch += std::chrono::seconds(number);
    if (timestamp.field() == 2) since_epoch += std::chrono::nanoseconds(number);
  }
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch));
}

// An mp.v1.DeadlockParty.
LockParty party_of(wire::Fields fields) {
  LockParty party;
  while (fields.next()) {
    switch (fields.field()) {
      case 1:
        party.host = fields.bytes();
        break;
      case 2:
        party.pid = static_cast<int>(fields.uint());
        break;
      case 3:
        party.process_name = fields.bytes();
        break;
      case 4:
        party.session = fields.uint();
        break;
      case 5:
        party.owner = fields.uint();
        break;
      default:
        break;
    }
  }
  return party;
}

// An mp.v1.WaitFor.
WaitFor edge_of(wire::Fields fields) {
  WaitFor edge;
  while (fields.next()) {
    switch (fields.field()) {
      case 1:
        edge.waiter = party_of(fields.message());
        break;
      case 2:
        edge.waiting_since = time_of(fields.message());
        break;
      case 3:
        edge.object = fields.fixed64();
        break;
      case 4:
        edge.name = fields.bytes();
        break;
      case 5:
        edge.kind = fields.bytes();
        break;
      case 6:
        edge.holder = party_of(fields.message());
        break;
      case 7:
        edge.held_since = time_of(fields.message());
        break;
      default:
        break;
    }
  }
  return edge;
}

}  // namespace

RemoteFailure RemoteFailure::parse(std::string_view bytes) {
  RemoteFailure failure;
  for (wire::Fields error(bytes); error.next();) {
    switch (error.field()) {
      case 2:
        failure.message = error.bytes();
        break;
      case 4:
        failure.details.exception = error.bytes();
        break;
      case 5:
        failure.details.cycle.push_back(edge_of(error.message()));
        break;
      default:
        break;
    }
  }
  return failure;
}

}  // namespace mp::internal
