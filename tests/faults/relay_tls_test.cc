#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/certificates.h"
#include "tests/e2e/manager_process.h"

// A manager that demands a token, TLS, and a certificate of whoever connects, behind a relay and
// over the in-process lane; and clients that lack one of them.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;

class GuardedManager : public testing::Test {
 protected:
  static void use(const Manager& manager) {
    auto d = manager.dict<std::string, int>("d");
    d["k"] = 7;
    EXPECT_EQ(d.at("k"), 7);
  }

  const e2e::TemporaryFolder folder;
  const std::string token = folder.write("token", "open sesame\n");
  const std::string certificate = folder.write("cert.pem", e2e::kManagerCertificate);
  const std::string key = folder.write("key.pem", e2e::kManagerKey);
  const std::string authority = folder.write("ca.pem", e2e::kAuthority);
  const std::string client_certificate = folder.write("client.pem", e2e::kClientCertificate);
  const std::string client_key = folder.write("client-key.pem", e2e::kClientKey);
  const ManagerProcess server{{"--token-file", token, "--tls-cert", certificate, "--tls-key", key,
                               "--tls-client-ca", authority}};
};

TEST_F(GuardedManager, ServesThroughARelayWithACertificateAndAClientWithTheToken) {
  const ManagerProcess relay({"--relay", server.address(), "--relay-ca", authority, "--relay-cert",
                              client_certificate, "--relay-key", client_key});
  use(Manager::connect("unix:" + relay.socket(), {.token = "open sesame"}));
  EXPECT_THROW(Manager::connect("unix:" + relay.socket()), AuthenticationError);
  EXPECT_THROW(Manager::connect("unix:" + relay.socket(), {.token = "open sesam"}),
               AuthenticationError);
}

TEST_F(GuardedManager, IsOutOfReachForARelayWithoutACertificate) {
  const ManagerProcess relay({"--relay", server.address(), "--relay-ca", authority});
  EXPECT_THROW(
      Manager::connect("unix:" + relay.socket(), {.token = "open sesame", .timeout = 300ms}),
      ManagerUnavailable);
}

TEST_F(GuardedManager, IsOutOfReachForARelayThatSpeaksPlainly) {
  const ManagerProcess relay({"--relay", server.address()});
  EXPECT_THROW(
      Manager::connect("unix:" + relay.socket(), {.token = "open sesame", .timeout = 300ms}),
      ManagerUnavailable);
}

TEST_F(GuardedManager, ServesTheInProcessLane) {
  const TlsOptions tls = {.ca = authority, .certificate = client_certificate, .key = client_key};
  use(Manager::connect(server.address(),
                       {.token = "open sesame", .lane = Lane::kInProcess, .tls = tls}));
  EXPECT_THROW(Manager::connect(server.address(), {.lane = Lane::kInProcess, .tls = tls}),
               AuthenticationError);
  EXPECT_THROW(Manager::connect(server.address(),
                                {.lane = Lane::kInProcess, .tls = {.ca = "/no/such/file"}}),
               ValueError);
}

TEST(IdleRelay, EndsByItselfWithStatusZero) {
  ManagerProcess relay({"--relay", "127.0.0.1:1", "--exit-when-idle", "100ms"});
  EXPECT_EQ(relay.wait(), 0);
}

}  // namespace
}  // namespace mp
