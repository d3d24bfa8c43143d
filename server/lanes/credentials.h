#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/lanes/grpc_call.h"

namespace mp::server {

// Paths of PEM files; empty: none.
struct TlsFiles {
  std::string certificate;  // the chain that the manager shows
  std::string key;
  std::string client_ca;  // demands of every client a certificate that this authority has signed
};

// Plaintext without a certificate. Says which file can't be used, and why.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const TlsFiles& files);

// The contents of a file, or a sentence that names it as what it is (`what`).
absl::StatusOr<std::string> read_file(const std::string& path, const std::string& what);

// True if HOST names addresses of this machine's loopback only.
bool is_loopback(const std::string& host);

// What every RPC must show, health excepted: the metadata `authorization: Bearer TOKEN`, or
// `mp-token: TOKEN`. An empty token demands nothing.
class AccessToken {
 public:
  explicit AccessToken(std::string token) : token_(std::move(token)) {}
  // UNAUTHENTICATED_CLIENT if the call does not show it.
  absl::Status check(const GrpcCall& call) const;
  // Is this the token? True for everything if none is demanded.
  bool is(std::string_view shown) const;

 private:
  const std::string token_;
};

}  // namespace mp::server
