#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <csignal>
#include <ostream>

#include "grpc/health/v1/health.pb.h"
#include "tests/e2e/grpc_fixture.h"

namespace mp::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LifecycleTest : public GrpcTest {};

TEST_F(LifecycleTest, ASecondManagerOnThePortNamesTheAddress) {
  ManagerProcess second({"--listen", manager.address()});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.log(), HasSubstr("cannot listen on " + manager.address()));
  EXPECT_THAT(second.log(), HasSubstr("in use"));
}

TEST_F(LifecycleTest, ASecondManagerOnTheSocketNamesThePath) {
  ManagerProcess second({"--socket", manager.socket()});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.log(), HasSubstr(manager.socket()));
}

TEST_F(LifecycleTest, TheSocketOfADeadManagerIsReplaced) {
  const TemporaryFolder folder;
  ManagerProcess first({"--socket", folder.file("m.sock")});
  first.signal(SIGKILL);
  first.wait();
  ManagerProcess second({"--socket", folder.file("m.sock")});
  EXPECT_EQ(second.socket(), folder.file("m.sock"));
}

TEST_F(LifecycleTest, SigtermAnswersWhoWaitsAndEndsWithZero) {
  create_queue("jobs");
  const auto get = start_get("jobs");
  await_waiters("jobs", 1);
  manager.signal(SIGTERM);
  EXPECT_EQ(get->wait().code(), v1::MANAGER_SHUT_DOWN);
  EXPECT_EQ(manager.wait(), 0);
}

TEST_F(LifecycleTest, SigintEndsWithZeroToo) {
  manager.signal(SIGINT);
  EXPECT_EQ(manager.wait(), 0);
}

TEST_F(LifecycleTest, TheSocketIsGoneAfterwards) {
  manager.signal(SIGTERM);
  manager.wait();
  struct stat status {};
  EXPECT_NE(stat(manager.socket().c_str(), &status), 0);
}

TEST_F(LifecycleTest, HealthKnowsTheManagerAndItsServices) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  for (const char* service : {"", "mp.v1.Dict", "mp.v1.Admin", "grpc.health.v1.Health"}) {
    HealthCheckRequest request;
    request.set_service(service);
    EXPECT_EQ(
        client.call("grpc.health.v1.Health/Check", request).reply<HealthCheckResponse>().status(),
        HealthCheckResponse::SERVING);
  }
  HealthCheckRequest request;
  request.set_service("mp.v1.Nothing");
  EXPECT_EQ(client.call("grpc.health.v1.Health/Check", request).status.error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(LifecycleTest, CheckFindsTheManagerOnItsPortAndOnItsSocket) {
  EXPECT_EQ(ManagerProcess({"--check", manager.address()}).wait(), 0);
  EXPECT_EQ(ManagerProcess({"--check", manager.socket()}).wait(), 0);
}

TEST_F(LifecycleTest, CheckShowsItsTokenToTheManagerBehindARelay) {
  const TemporaryFolder folder;
  const std::string token = folder.write("token", "of-this-test");
  ManagerProcess guarded({"--token-file", token});
  ManagerProcess relay({"--relay", guarded.address()});
  EXPECT_EQ(ManagerProcess({"--check", relay.socket()}).wait(), 1);
  EXPECT_EQ(ManagerProcess({"--check", relay.socket(), "--token-file", token}).wait(), 0);
}

TEST_F(LifecycleTest, CheckShowsNoTokenToAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  const TemporaryFolder folder;
  const std::string token = folder.write("token", "of-this-test");
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.file("s").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(seteuid(65534), 0);
  const int listening = listen(listener, 1);  // whose credentials those of the socket are
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_EQ(listening, 0);
  ManagerProcess check({"--check", folder.file("s"), "--token-file", token});
  EXPECT_EQ(check.wait(), 1);
  EXPECT_THAT(check.log(), HasSubstr("another user's"));
  close(listener);
}

TEST_F(LifecycleTest, CheckOfAPortNeedsNoToken) {
  EXPECT_EQ(ManagerProcess({"--check", manager.address(), "--token-file", "/nowhere"}).wait(), 0);
}

TEST_F(LifecycleTest, CheckDoesNotFindWhatIsNotThere) {
  const std::string address = manager.address();
  const std::string socket = manager.socket();
  manager.signal(SIGTERM);
  manager.wait();
  EXPECT_EQ(ManagerProcess({"--check", address}).wait(), 1);
  EXPECT_EQ(ManagerProcess({"--check", socket}).wait(), 1);
}

TEST_F(LifecycleTest, CheckGivesUpOnAManagerThatDoesNotRun) {
  manager.signal(SIGSTOP);
  EXPECT_EQ(ManagerProcess({"--check", manager.address(), "--check-timeout", "100ms"}).wait(), 1);
  EXPECT_EQ(ManagerProcess({"--check", manager.socket(), "--check-timeout", "100ms"}).wait(), 1);
  manager.signal(SIGCONT);
}

TEST(ManagerFlagsTest, WithoutTcpItServesItsSocketOnly) {
  ManagerProcess manager({"--listen", "none"});
  EXPECT_THAT(manager.address(), IsEmpty());
  EXPECT_THAT(manager.socket(), Not(IsEmpty()));
}

struct BadFlags {
  std::vector<std::string> flags;
  std::string sentence;
};

// As a part of the test's name.
void PrintTo(const BadFlags& bad, std::ostream* out) {
  for (const std::string& flag : bad.flags) {
    for (const char c : flag) *out << (std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_');
  }
}

class BadFlagsTest : public testing::TestWithParam<BadFlags> {};

TEST_P(BadFlagsTest, AreRefusedWithASentence) {
  ManagerProcess manager(GetParam().flags);
  EXPECT_EQ(manager.wait(), 2);
  EXPECT_THAT(manager.log(), HasSubstr(GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFlagsTest,
    testing::Values(BadFlags{{"--listen", "50051"}, "HOST:PORT"},
                    BadFlags{{"--listen", "localhost:65536"}, "HOST:PORT"},
                    BadFlags{{"--listen", "::1:50051"}, "HOST:PORT"},
                    BadFlags{{"--listen", "none", "--socket", "none"}, "nothing to serve"},
                    BadFlags{{"--tls-key", "key.pem"}, "--tls-cert and --tls-key"},
                    BadFlags{{"--tls-client-ca", "ca.pem"}, "--tls-client-ca needs"},
                    BadFlags{{"--token-file", "/nonexistent"}, "/nonexistent"},
                    BadFlags{{"--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"},
                             "certificate /nonexistent"},
                    BadFlags{{"--drain-timeout", "100000h"}, "at most 87600h"},
                    BadFlags{{"--token-file", "/dev/null"}, "/dev/null"},
                    BadFlags{{"--listen", "0.0.0.0:0"}, "--insecure"},
                    BadFlags{{"--drain-timeout", "5"}, "250ms"},
                    BadFlags{{"--session-time-to-live", "0"}, "--session-time-to-live"},
                    BadFlags{{"--max-message-bytes", "64MB"}, "64KiB"},
                    BadFlags{{"--max-objects", "-1"}, "from 1"},
                    BadFlags{{"--max-value-depth", "1001"}, "to 1000"},
                    BadFlags{{"--log-level", "loud"}, "loud"},
                    BadFlags{{"--frobnicate"}, "--frobnicate"}));

INSTANTIATE_TEST_SUITE_P(OfTheLane, BadFlagsTest,
                         testing::Values(BadFlags{{"--lane", "ring"}, "ring"},
                                         BadFlags{{"--lane-spin", "11ms"}, "at most 10ms"},
                                         BadFlags{{"--lane-spin", "50"}, "250ms"},
                                         BadFlags{{"--lane-spin-policy", "sleep"}, "sleep"},
                                         BadFlags{{"--max-rings", "-1"}, "from 0"}));

}  // namespace
}  // namespace mp::e2e
