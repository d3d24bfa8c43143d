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

  const e2e::TemporaryFolder folder_;
  const std::string token_ = folder_.write("token", "open sesame\n");
  const std::string certificate_ = folder_.write("cert.pem", e2e::kManagerCertificate);
  const std::string key_ = folder_.write("key.pem", e2e::kManagerKey);
  const std::string authority_ = folder_.write("ca.pem", e2e::kAuthority);
  const std::string client_certificate_ = folder_.write("client.pem", e2e::kClientCertificate);
  const std::string client_key_ = folder_.write("client-key.pem", e2e::kClientKey);
  const ManagerProcess server_{{"--token-file", token_, "--tls-cert", certificate_, "--tls-key",
                                key_, "--tls-client-ca", authority_}};
};

TEST_F(GuardedManager, ServesThroughARelayWithACertificateAndAClientWithTheToken) {
  const ManagerProcess relay({"--relay", server_.address(), "--relay-ca", authority_,
                              "--relay-cert", client_certificate_, "--relay-key", client_key_});
  use(Manager::connect("unix:" + relay.socket(), {.token = "open sesame"}));
  EXPECT_THROW(Manager::connect("unix:" + relay.socket()), AuthenticationError);
  EXPECT_THROW(Manager::connect("unix:" + relay.socket(), {.token = "open sesam"}),
               AuthenticationError);
}

TEST_F(GuardedManager, IsOutOfReachForARelayWithoutACertificate) {
  const ManagerProcess relay({"--relay", server_.address(), "--relay-ca", authority_});
  EXPECT_THROW(
      Manager::connect("unix:" + relay.socket(), {.token = "open sesame", .timeout = 300ms}),
      ManagerUnavailable);
}

TEST_F(GuardedManager, IsOutOfReachForARelayThatSpeaksPlainly) {
  const ManagerProcess relay({"--relay", server_.address()});
  EXPECT_THROW(
      Manager::connect("unix:" + relay.socket(), {.token = "open sesame", .timeout = 300ms}),
      ManagerUnavailable);
}

TEST_F(GuardedManager, ServesTheInProcessLane) {
  const TlsOptions tls = {.ca = authority_, .certificate = client_certificate_, .key = client_key_};
  use(Manager::connect(server_.address(),
                       {.token = "open sesame", .lane = Lane::kInProcess, .tls = tls}));
  EXPECT_THROW(Manager::connect(server_.address(), {.lane = Lane::kInProcess, .tls = tls}),
               AuthenticationError);
  EXPECT_THROW(Manager::connect(server_.address(),
                                {.lane = Lane::kInProcess, .tls = {.ca = "/no/such/file"}}),
               ValueError);
}

TEST(IdleRelay, EndsByItselfWithStatusZero) {
  ManagerProcess relay({"--relay", "127.0.0.1:1", "--exit-when-idle", "100ms"});
  EXPECT_EQ(relay.wait(), 0);
}

}  // namespace
}  // namespace mp
