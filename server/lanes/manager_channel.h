#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace mp::server {

// How a client shows itself and knows its manager: paths of PEM files; empty: none.
struct ManagerTls {
  bool on = false;
  std::string authority;    // that has signed the manager's certificate; empty: the system's
  std::string certificate;  // the chain that is shown to it
  std::string key;
};

// The gRPC connection to a manager on another machine, of a relay or of the client library's lane
// in its own process. `address` is HOST:PORT. Connects when the first stream starts. Fails, with a
// sentence that names it, if a file can't be used.
absl::StatusOr<std::shared_ptr<grpc::Channel>> manager_channel(const std::string& address,
                                                               const ManagerTls& tls);

}  // namespace mp::server
