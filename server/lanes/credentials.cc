#include "server/lanes/credentials.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/secret.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return (ntohl(v4->sin_addr.s_addr) >> 24U) == IN_LOOPBACKNET;
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

}  // namespace

absl::StatusOr<std::string> read_file(const std::string& path, const std::string& what) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string contents((std::istreambuf_iterator<char>(file)), {});
  if (!file || contents.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", what, " ", path, ": ",
                     errno != 0 ? std::generic_category().message(errno) : "the file is empty"));
  }
  return contents;
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const TlsFiles& files) {
  if (files.certificate.empty()) return grpc::InsecureServerCredentials();
  auto certificate = read_file(files.certificate, "the certificate");
  if (!certificate.ok()) return certificate.status();
  auto key = read_file(files.key, "the private key");
  if (!key.ok()) return key.status();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({*std::move(key), *std::move(certificate)});
  if (!files.client_ca.empty()) {
    auto authority = read_file(files.client_ca, "the clients' certificate authority");
    if (!authority.ok()) return authority.status();
    options.pem_root_certs = *std::move(authority);
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

bool is_loopback(const std::string& host) {
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
  bool all = found != nullptr;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next)
    all = all && is_loopback(at->ai_addr);
  freeaddrinfo(found);
  return all;
}

bool AccessToken::is(std::string_view shown) const {
  return token_.empty() || same_secret(shown, token_);
}

absl::Status AccessToken::check(const GrpcCall& call) const {
  if (token_.empty()) return absl::OkStatus();
  constexpr std::string_view kBearer = "Bearer ";
  if (const grpc::string_ref* value = call.metadata("authorization")) {
    const std::string_view shown(value->data(), value->size());
    if (shown.starts_with(kBearer) && is(shown.substr(kBearer.size()))) return absl::OkStatus();
  }
  if (const grpc::string_ref* value = call.metadata("mp-token")) {
    if (is({value->data(), value->size()})) return absl::OkStatus();
  }
  return error(v1::UNAUTHENTICATED_CLIENT,
               "this manager demands a token: send it as metadata, `authorization: Bearer TOKEN` "
               "or `mp-token: TOKEN`");
}

}  // namespace mp::server
