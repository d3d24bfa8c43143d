#include "server/check.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "mp/v1/session.pb.h"
#include "server/lanes/frames.h"
#include "server/lanes/grpc_message.h"
#include "server/lanes/peer.h"

namespace mp::server {
namespace {

using grpc::health::v1::HealthCheckResponse;

// Where the manager serves TLS, so does this; it does not look at the certificate, which need not
// be made out to the address that is asked, since nothing secret is sent.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials(const TlsFiles& files) {
  if (files.certificate.empty()) return grpc::InsecureChannelCredentials();
  auto certificate = read_file(files.certificate, "the certificate");
  if (!certificate.ok()) return certificate.status();
  auto key = read_file(files.key, "the private key");
  if (!key.ok()) return key.status();
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
          std::vector<grpc::experimental::IdentityKeyCertPair>{
              {*std::move(key), *std::move(certificate)}}));
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

absl::Status check_tcp(const ManagerOptions& options) {
  auto secured = credentials(options.tls);
  if (!secured.ok()) return secured.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  grpc::GenericStub stub(grpc::CreateCustomChannel(options.check, *secured, arguments));
  grpc::ClientContext context;
  context.set_deadline(
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::microseconds>(options.check_timeout));
  const grpc::ByteBuffer request = serialize_message(grpc::health::v1::HealthCheckRequest());
  grpc::ByteBuffer reply;
  grpc::Status status;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return absl::UnavailableError(status.error_message());
  HealthCheckResponse response;
  if (absl::Status parsed = parse_message(reply, 0, response); !parsed.ok()) return parsed;
  if (response.status() == HealthCheckResponse::SERVING) return absl::OkStatus();
  return absl::UnavailableError(HealthCheckResponse::ServingStatus_Name(response.status()));
}

std::string last_error() {
  return errno == EAGAIN || errno == EWOULDBLOCK ? "no answer in time"
                                                 : std::generic_category().message(errno);
}

// Whose process listens there: this user's, or root's. Nobody else is shown a token.
bool may_see_tokens(int fd) {
  const std::optional<Peer> owner = peer_of(fd);
  return owner && (owner->uid == geteuid() || owner->uid == 0);
}

// The first frame that comes back on the local lane after a greeting.
absl::StatusOr<v1::ServerFrame> greet(int fd, const std::string& path, const std::string& token) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return absl::InvalidArgumentError("the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return absl::UnavailableError(last_error());
  }
  if (!token.empty() && !may_see_tokens(fd))
    return absl::PermissionDeniedError("its socket is another user's, who is shown no token");
  v1::ClientFrame hello;
  hello.mutable_hello()->set_version(1);
  hello.mutable_hello()->mutable_client()->set_pid(getpid());
  hello.mutable_hello()->mutable_client()->set_process_name("mp-manager --check");
  hello.mutable_hello()->set_token(token);
  std::string bytes = hello.SerializeAsString();
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    bytes.insert(bytes.begin(), static_cast<char>(hello.ByteSizeLong() >> (shift - 8) & 0xFFU));
  }
  if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    return absl::UnavailableError(last_error());
  }
  FrameSplitter splitter(1U << 20U);
  for (;;) {
    if (const auto frame = splitter.next()) {
      v1::ServerFrame answer;
      if (answer.ParseFromArray(frame->data(), static_cast<int>(frame->size()))) return answer;
      return absl::UnavailableError("it does not speak our protocol");
    }
    const ssize_t count = recv(fd, splitter.prepare(4096), 4096, 0);
    if (count < 0) return absl::UnavailableError(last_error());
    if (count == 0) return absl::UnavailableError("it closed the connection");
    splitter.commit(static_cast<std::size_t>(count));
  }
}

absl::Status check_socket(const ManagerOptions& options) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::UnavailableError(last_error());
  const auto microseconds =
      std::chrono::duration_cast<std::chrono::microseconds>(options.check_timeout).count();
  const timeval timeout{.tv_sec = microseconds / 1'000'000,
                        .tv_usec = microseconds % 1'000'000 + (microseconds == 0)};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const auto answer = greet(fd, options.check, options.token);
  close(fd);
  if (!answer.ok()) return answer.status();
  return answer->has_welcome() ? absl::OkStatus()
                               : absl::UnavailableError(answer->refusal().message());
}

}  // namespace

bool checks_a_socket(const ManagerOptions& options) {
  return options.check.find('/') != std::string::npos;
}

absl::Status check_health(const ManagerOptions& options) {
  absl::Status status = checks_a_socket(options) ? check_socket(options) : check_tcp(options);
  if (status.ok()) return status;
  return absl::UnavailableError(absl::StrCat("the manager at ", options.check,
                                             " does not serve: ", std::string(status.message())));
}

}  // namespace mp::server
