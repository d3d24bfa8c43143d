#pragma once

#include <memory>
#include <string>

#include "client_lib/manager/lane.h"
#include "mp/manager.h"

namespace mp::internal {

// A manager over gRPC in this process, HOST:PORT. Errors: ManagerUnavailable if this program is
// linked without gRPC, ValueError if a file of `tls` can't be read.
std::shared_ptr<Endpoint> stream_endpoint(const std::string& address, const TlsOptions& tls);

// gRPC announces itself here, if it is linked: the client library does not know it.
using MakeStreamEndpoint = std::shared_ptr<Endpoint> (*)(const std::string& address,
                                                         const TlsOptions& tls);
void register_stream_lane(MakeStreamEndpoint make);

}  // namespace mp::internal
