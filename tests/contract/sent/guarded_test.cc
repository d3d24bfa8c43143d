#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/contract/sent/sent_proxies.h"
#include "tests/e2e/certificates.h"

// Proxies of a manager that demands a token, TLS, and a certificate of whoever connects: what their
// sender showed goes along with them.

namespace mp::contract {
namespace {

using Counts = DictProxy<std::string, int>;
using e2e::ManagerProcess;

constexpr char kToken[] = "open sesame";

enum class Road { kSocket, kRelay, kInProcess };

void PrintTo(Road road, std::ostream* out) {
  constexpr const char* kNames[] = {"Socket", "Relay", "InProcess"};
  *out << kNames[static_cast<int>(road)];
}

class GuardedProxies : public testing::TestWithParam<Road> {
 protected:
  // The start methods whose children can use the manager: a forked one can't use gRPC.
  template <class Test>
  static void by_each_method(const Test& test) {
    for (const StartMethod method : get_all_start_methods()) {
      if (method == StartMethod::kFork && GetParam() == Road::kInProcess) continue;
      SCOPED_TRACE(name_of(method));
      test(get_context(method));
    }
  }

  Manager connect() const {
    switch (GetParam()) {
      case Road::kSocket:
        return Manager::connect("unix:" + server_.socket(), {.token = kToken});
      case Road::kRelay:
        return Manager::connect("unix:" + relay_->socket(), {.token = kToken});
      case Road::kInProcess:
        break;
    }
    const TlsOptions tls = {.ca = authority_, .certificate = certificate_, .key = key_};
    return Manager::connect(server_.address(),
                            {.token = kToken, .lane = Lane::kInProcess, .tls = tls});
  }

  const e2e::TemporaryFolder folder_;
  const std::string authority_ = folder_.write("ca.pem", e2e::kAuthority);
  const std::string certificate_ = folder_.write("client.pem", e2e::kClientCertificate);
  const std::string key_ = folder_.write("client-key.pem", e2e::kClientKey);
  const ManagerProcess server_{{"--token-file", folder_.write("token", kToken), "--tls-cert",
                                folder_.write("cert.pem", e2e::kManagerCertificate), "--tls-key",
                                folder_.write("key.pem", e2e::kManagerKey), "--tls-client-ca",
                                authority_}};
  const std::unique_ptr<ManagerProcess> relay_ =
      GetParam() == Road::kRelay ? std::make_unique<ManagerProcess>(std::vector<std::string>{
                                       "--relay", server_.address(), "--relay-ca", authority_,
                                       "--relay-cert", certificate_, "--relay-key", key_})
                                 : nullptr;
  Manager manager_ = connect();
};

INSTANTIATE_TEST_SUITE_P(Over, GuardedProxies,
                         testing::Values(Road::kSocket, Road::kRelay, Road::kInProcess),
                         testing::PrintToStringParamName());

TEST_P(GuardedProxies, WorkAsArgumentsOfAChildAndOfItsChildren) {
  by_each_method([&](const Context& context) {
    const auto counts = manager_.dict<std::string, int>();
    const auto use = [](const Counts& d, StartMethod method) {
      d["child"] = 1;
      const auto use_too = [](const Counts& inner) { inner["grandchild"] = 2; };
      mp::exit(exitcode_of(get_context(method), use_too, d));
    };
    EXPECT_EQ(exitcode_of(context, use, counts, context.get_start_method()), 0);
    EXPECT_EQ(counts.at("child"), 1);
    EXPECT_EQ(counts.at("grandchild"), 2);
  });
}

TEST_P(GuardedProxies, WorkInMessagesBothWays) {
  by_each_method([&](const Context& context) {
    const auto [mine, theirs] = Pipe();
    const Queue<Counts> queue;
    const auto pass_on = [](const Connection& in, const Queue<Counts>& out) {
      const auto counts = in.recv<Counts>();
      counts["child"] = 1;
      out.put(counts);
      in.recv<int>();  // until the parent has it
    };
    Process child = context.process(pass_on, theirs, queue);
    child.start();
    mine.send(manager_.dict<std::string, int>());
    EXPECT_EQ(queue.get(kLong).at("child"), 1);
    mine.send(0);
    EXPECT_TRUE(child.join(kLong));
    EXPECT_EQ(child.exitcode(), 0);
  });
}

TEST_P(GuardedProxies, LeadNobodyToTheManagerWhoCannotReadTheCertificate) {
  if (GetParam() != Road::kInProcess) GTEST_SKIP() << "its certificate is the relay's, or none";
  const auto counts = manager_.dict<std::string, int>();
  std::filesystem::remove(key_);
  const auto use = [](const Counts& d) { d["child"] = 1; };
  EXPECT_EQ(exitcode_of(get_context(StartMethod::kSpawn), use, counts), 1);
  EXPECT_TRUE(counts.empty());
}

}  // namespace
}  // namespace mp::contract
