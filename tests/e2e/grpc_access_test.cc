#include <grpcpp/security/credentials.h>

#include "grpc/health/v1/health.pb.h"
#include "tests/e2e/certificates.h"
#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

using testing::HasSubstr;

Answer stats(UnaryClient& client, const Metadata& metadata = {}) {
  return client.call("Admin/Stats", v1::StatsRequest(), metadata);
}

// Files that flags name, made before the manager starts.
struct Files {
  TemporaryFolder folder;
  std::string token = folder.write("token", "open sesame\n");
  std::string certificate = folder.write("cert.pem", kManagerCertificate);
  std::string key = folder.write("key.pem", kManagerKey);
  std::string authority = folder.write("ca.pem", kAuthority);
};

class TokenTest : public testing::Test {
 protected:
  Files files;
  ManagerProcess manager{{"--token-file", files.token}};
  UnaryClient client{manager.address()};
};

TEST_F(TokenTest, ACallWithoutItIsRefused) {
  EXPECT_EQ(stats(client).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(stats(client).code(), v1::UNAUTHENTICATED_CLIENT);
}

TEST_F(TokenTest, AnotherOneIsRefused) {
  for (const char* wrong : {"open sesam", "open sesame!", "open Sesame", ""}) {
    EXPECT_EQ(stats(client, {{"mp-token", wrong}}).code(), v1::UNAUTHENTICATED_CLIENT) << wrong;
    EXPECT_EQ(stats(client, {{"authorization", std::string("Bearer ") + wrong}}).code(),
              v1::UNAUTHENTICATED_CLIENT);
  }
}

TEST_F(TokenTest, ItOpensEitherWay) {
  EXPECT_TRUE(stats(client, {{"mp-token", "open sesame"}}).ok());
  EXPECT_TRUE(stats(client, {{"authorization", "Bearer open sesame"}}).ok());
}

TEST_F(TokenTest, ReflectionNeedsItToo) {
  const Answer answer =
      client.call("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", v1::StatsRequest());
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(TokenTest, HealthDoesNotNeedIt) {
  EXPECT_TRUE(
      client.call("grpc.health.v1.Health/Check", grpc::health::v1::HealthCheckRequest()).ok());
}

class TlsTest : public testing::Test {
 protected:
  static std::shared_ptr<grpc::ChannelCredentials> credentials() {
    return grpc::SslCredentials(
        {.pem_root_certs = kAuthority, .pem_private_key = {}, .pem_cert_chain = {}});
  }
  static std::shared_ptr<grpc::ChannelCredentials> credentials_with_certificate() {
    return grpc::SslCredentials({.pem_root_certs = kAuthority,
                                 .pem_private_key = kClientKey,
                                 .pem_cert_chain = kClientCertificate});
  }
  Files files;
};

TEST_F(TlsTest, AClientThatTrustsTheAuthorityIsServed) {
  ManagerProcess manager({"--tls-cert", files.certificate, "--tls-key", files.key});
  UnaryClient client(manager.address(), credentials());
  EXPECT_TRUE(stats(client).ok());
}

TEST_F(TlsTest, AClientInPlaintextIsNotServed) {
  ManagerProcess manager({"--tls-cert", files.certificate, "--tls-key", files.key});
  UnaryClient client(manager.address());
  EXPECT_EQ(stats(client).status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, WithAClientAuthorityACertificateIsNeeded) {
  ManagerProcess manager({"--tls-cert", files.certificate, "--tls-key", files.key,
                          "--tls-client-ca", files.authority});
  UnaryClient without(manager.address(), credentials());
  UnaryClient with(manager.address(), credentials_with_certificate());
  EXPECT_EQ(stats(without).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(stats(with).ok());
}

TEST_F(TlsTest, CheckSpeaksItWithTheFlagsOfTheManager) {
  ManagerProcess manager({"--tls-cert", files.certificate, "--tls-key", files.key});
  EXPECT_EQ(ManagerProcess({"--check", manager.address(), "--tls-cert", files.certificate,
                            "--tls-key", files.key})
                .wait(),
            0);
}

TEST_F(TlsTest, AKeyOfAnotherCertificateIsRefused) {
  const std::string other = files.folder.write("other.pem", kClientKey);
  ManagerProcess manager({"--tls-cert", files.certificate, "--tls-key", other});
  EXPECT_EQ(manager.wait(), 2);
  EXPECT_THAT(manager.log(), HasSubstr("do not belong together"));
}

TEST_F(TlsTest, OtherMachinesAreServedWithTokenAndTls) {
  ManagerProcess manager({"--listen", "0.0.0.0:0", "--token-file", files.token, "--tls-cert",
                          files.certificate, "--tls-key", files.key});
  EXPECT_THAT(manager.address(), HasSubstr("0.0.0.0:"));
}

TEST_F(TlsTest, OtherMachinesAreNotServedWithoutAToken) {
  ManagerProcess manager(
      {"--listen", "0.0.0.0:0", "--tls-cert", files.certificate, "--tls-key", files.key});
  EXPECT_EQ(manager.wait(), 2);
}

TEST_F(TlsTest, OtherMachinesAreServedWithoutEitherIfToldSo) {
  ManagerProcess manager({"--listen", "0.0.0.0:0", "--insecure"});
  EXPECT_THAT(manager.address(), HasSubstr("0.0.0.0:"));
}

}  // namespace
}  // namespace mp::e2e
