#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "mp/v1/error.pb.h"

namespace mp::server {

// The one kind of failure inside the server: an absl::Status whose payload is the stable
// mp.v1.Code.
absl::Status error(v1::Code code, std::string_view message);

// The code of a failure; INTERNAL for a Status that was not made by error().
v1::Code code_of(const absl::Status& status);

// The class of failure that a code belongs to, among those that gRPC itself never produces where a
// meaning is ours: a client can tell "your queue is empty" from "the network is down".
absl::StatusCode canonical(v1::Code code);

// For the wire.
v1::Error to_wire(const absl::Status& status);

}  // namespace mp::server
