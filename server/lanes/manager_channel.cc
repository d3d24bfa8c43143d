#include "server/lanes/manager_channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "server/lanes/credentials.h"

namespace mp::server {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials(const ManagerTls& tls) {
  if (!tls.on) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  const auto read = [](const std::string& path, const char* what, std::string& contents) {
    if (path.empty()) return absl::OkStatus();
    auto file = read_file(path, what);
    if (file.ok()) contents = *std::move(file);
    return file.status();
  };
  if (auto status =
          read(tls.authority, "the manager's certificate authority", options.pem_root_certs);
      !status.ok()) {
    return status;
  }
  if (auto status = read(tls.certificate, "the certificate", options.pem_cert_chain); !status.ok())
    return status;
  if (auto status = read(tls.key, "the private key", options.pem_private_key); !status.ok())
    return status;
  return grpc::SslCredentials(options);
}

// A manager that does not answer for ten seconds is taken for lost; one that is lost is looked for
// again within a second.
grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);  // how long connecting may take
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // ours are exactly-once, and its would buffer
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> manager_channel(const std::string& address,
                                                               const ManagerTls& tls) {
  auto secured = credentials(tls);
  if (!secured.ok()) return secured.status();
  return grpc::CreateCustomChannel(address, *secured, arguments());
}

}  // namespace mp::server
