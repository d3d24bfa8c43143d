#include "server/engine/administration.h"

#include "absl/strings/escaping.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/time_util.h"
#include "server/objects/error.h"
#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using google::protobuf::util::TimeUtil;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AdministrationTest : public testing::Test {
 protected:
  AdministrationTest() {
    for (Client* client : {&a, &b}) manager.engine.watch(client->session->id());
    v1::ClientInfo info;
    info.set_host("db1");
    info.set_pid(42);
    info.set_process_name("worker");
    a.session->adopt(info, "local");
  }

  // Runs a method with a request in text form; an error gives an empty reply and code().
  template <class Reply>
  Reply run(const std::string& method, const std::string& text_form = "",
            const Administration::Caller& caller = {}) {
    const auto* type = Administration::request_type(method);
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text_form, request.get()));
    const auto reply = administration.run(method, *request, caller);
    code = code_of(reply.status());
    return reply.ok() ? dynamic_cast<const Reply&>(**reply) : Reply();
  }
  std::vector<std::string> names(const v1::ListObjectsReply& reply) {
    std::vector<std::string> names;
    for (const v1::ObjectSummary& object : reply.objects()) names.push_back(object.name());
    return names;
  }
  v1::Command command(const std::string& text_form) {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text_form, &command));
    return command;
  }
  std::vector<std::string> names(const v1::ListWaitersReply& reply) {
    std::vector<std::string> names;
    for (const v1::Waiter& waiter : reply.waiters()) names.push_back(waiter.name());
    return names;
  }
  double seconds_ago(const google::protobuf::Timestamp& time) {
    return static_cast<double>((TimeUtil::GetCurrentTime() - time).seconds());
  }

  Manager manager;
  Administration administration{manager.engine};
  Client a{manager};
  Client b{manager};
  v1::Code code = v1::CODE_UNSPECIFIED;
};

TEST_F(AdministrationTest, EveryMethodOfAdminIsKnown) {
  const auto* service = v1::ListObjectsRequest::descriptor()->file()->FindServiceByName("Admin");
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string method = "mp.v1.Admin/" + service->method(i)->name();
    EXPECT_TRUE(Administration::knows(method)) << method;
    EXPECT_EQ(Administration::request_type(method), service->method(i)->input_type());
  }
}

// Between a Command and a stream nothing of the session's service is left over.
TEST_F(AdministrationTest, EveryUnaryMethodOfSessionsIsKnownHereOrIsACommand) {
  const auto* service = v1::SessionOpenRequest::descriptor()->file()->FindServiceByName("Sessions");
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string method = "mp.v1.Sessions/" + service->method(i)->name();
    if (service->method(i)->client_streaming()) continue;
    EXPECT_NE(Administration::knows(method), Catalog::get().find_method(method) != nullptr)
        << method;
  }
}

TEST_F(AdministrationTest, AMethodThatItDoesNotKnowIsRefused) {
  EXPECT_FALSE(Administration::knows("mp.v1.Admin/Explode"));
  EXPECT_EQ(Administration::request_type("mp.v1.Admin/Explode"), nullptr);
  EXPECT_EQ(code_of(administration.run("mp.v1.Admin/Explode", v1::StatsRequest(), {}).status()),
            v1::UNKNOWN_OPERATION);
}

TEST_F(AdministrationTest, ObjectsAreListedByNameAndThoseWithoutANameLast) {
  const std::uint64_t unnamed = a.make(create_dict());
  for (const char* name : {"c", "a", "b"}) a.call(create_dict(name));
  const auto reply = run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects");
  EXPECT_THAT(names(reply), ElementsAre("a", "b", "c", ""));
  EXPECT_EQ(reply.objects(3).id(), unnamed);
  EXPECT_FALSE(reply.more());
}

TEST_F(AdministrationTest, ObjectsComeInPages) {
  for (const char* name : {"a", "b", "c", "d"}) a.call(create_dict(name));
  const auto first = run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects", "limit: 3");
  EXPECT_THAT(names(first), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(first.more());
  const auto second =
      run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects", "limit: 3 after_name: 'c'");
  EXPECT_THAT(names(second), ElementsAre("d"));
  EXPECT_FALSE(second.more());
}

TEST_F(AdministrationTest, ObjectsAreListedByPrefixAndKind) {
  a.call(create_dict("job:1"));
  a.call(create_queue("job:2"));
  a.call(create_queue("work"));
  a.make(create_queue());
  EXPECT_THAT(names(run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects", "name_prefix: 'job:'")),
              ElementsAre("job:1", "job:2"));
  EXPECT_THAT(names(run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects", "kind: 'queue'")),
              ElementsAre("job:2", "work", ""));
  run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects", "kind: 'quere'");
  EXPECT_EQ(code, v1::VALUE_ERROR);
}

TEST_F(AdministrationTest, AnObjectIsSummedUp) {
  a.call(create_dict("d"));
  b.call(find("d"));
  b.call(find("d"));
  a.call(set("d", "'k'", "'" + std::string(1000, 'x') + "'"));
  const auto summary =
      run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject", "name: 'd'").summary();
  EXPECT_EQ(summary.name(), "d");
  EXPECT_EQ(summary.kind(), "dict");
  EXPECT_EQ(summary.length(), 1U);
  EXPECT_GT(summary.bytes(), 1000U);
  EXPECT_EQ(summary.references(), 3U);
  EXPECT_EQ(summary.SerializeAsString(),
            run<v1::ListObjectsReply>("mp.v1.Admin/ListObjects").objects(0).SerializeAsString());
  EXPECT_EQ(run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject",
                                         "id: " + std::to_string(summary.id()))
                .summary()
                .name(),
            "d");
}

TEST_F(AdministrationTest, ALockShowsItsHolderAndItsWaiters) {
  a.call(create_lock("L"));
  const std::uint64_t token =
      a.ask(by_owner(7, acquire("L", {}, seconds(100)))).lock_acquire().token();
  manager.advance(seconds(30));
  b.send(by_owner(8, acquire("L", seconds(60))));
  manager.advance(seconds(10));
  b.send(acquire("L"));
  const auto reply = run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject", "name: 'L'");

  ASSERT_EQ(reply.holders_size(), 1);
  const v1::Holder& holder = reply.holders(0);
  EXPECT_EQ(holder.party().session(), a.session->id());
  EXPECT_EQ(holder.party().owner(), 7U);
  EXPECT_EQ(holder.party().client().process_name(), "worker");
  EXPECT_EQ(holder.token(), token);
  EXPECT_EQ(holder.lease().seconds(), 60);
  EXPECT_NEAR(seconds_ago(holder.since()), 40, 2);

  ASSERT_EQ(reply.waiters_size(), 2);
  const v1::Waiter& waiter = reply.waiters(0);
  EXPECT_EQ(waiter.party().session(), b.session->id());
  EXPECT_EQ(waiter.party().owner(), 8U);
  EXPECT_EQ(waiter.operation(), "mp.v1.Lock/Acquire");
  EXPECT_EQ(waiter.name(), "L");
  EXPECT_EQ(waiter.timeout().seconds(), 50);
  EXPECT_NEAR(seconds_ago(waiter.since()), 10, 2);
  EXPECT_FALSE(reply.waiters(1).has_timeout());
}

TEST_F(AdministrationTest, ABarrierShowsWhoIsMissing) {
  b.call(command("barrier_create { name: 'start' parties: 2 }"));
  a.call(by_owner(7, command("barrier_enlist { name: 'start' }")));
  b.send(command("barrier_wait { name: 'start' }"));
  const auto reply = run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject", "name: 'start'");

  ASSERT_EQ(reply.missing_size(), 1);
  EXPECT_EQ(reply.missing(0).session(), a.session->id());
  EXPECT_EQ(reply.missing(0).owner(), 7U);
  EXPECT_EQ(reply.missing(0).client().process_name(), "worker");
  ASSERT_EQ(reply.waiters_size(), 1);
  EXPECT_EQ(reply.waiters(0).party().session(), b.session->id());
}

TEST_F(AdministrationTest, AnObjectThatIsNotThereIsNotDescribed) {
  run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject", "name: 'none'");
  EXPECT_EQ(code, v1::NO_SUCH_OBJECT);
  run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject", "id: 123456");
  EXPECT_EQ(code, v1::NO_SUCH_OBJECT);
  run<v1::DescribeObjectReply>("mp.v1.Admin/DescribeObject");
  EXPECT_EQ(code, v1::BAD_COMMAND);
}

TEST_F(AdministrationTest, WaitersAreListedLongestFirst) {
  Client unary(manager, nullptr);
  for (const char* name : {"q", "r", "s"}) a.call(create_queue(name));
  a.send(take("r"));
  manager.advance(seconds(1));
  unary.send(take("q"));
  manager.advance(seconds(1));
  b.send(take("s"));
  const auto all = run<v1::ListWaitersReply>("mp.v1.Admin/ListWaiters");
  ASSERT_EQ(all.waiters_size(), 3);
  EXPECT_EQ(all.waiters(0).name(), "r");
  EXPECT_EQ(all.waiters(0).operation(), "mp.v1.Queue/Get");
  EXPECT_EQ(all.waiters(1).name(), "q");
  EXPECT_EQ(all.waiters(1).party().session(), 0U);
  EXPECT_EQ(all.waiters(2).name(), "s");
  EXPECT_FALSE(all.more());
  const auto first = run<v1::ListWaitersReply>("mp.v1.Admin/ListWaiters", "limit: 1");
  ASSERT_EQ(first.waiters_size(), 1);
  EXPECT_EQ(first.waiters(0).name(), "r");
  EXPECT_TRUE(first.more());
}

TEST_F(AdministrationTest, TheWaitersOfASessionAreListedAloneAndThoseForSomeObjects) {
  for (const char* name : {"job:1", "job:2", "mail"}) a.call(create_queue(name));
  a.send(take("job:1"));
  manager.advance(seconds(1));
  b.send(take("job:2"));
  manager.advance(seconds(1));
  b.send(take("mail"));
  const auto listed = [this](const std::string& request) {
    return names(run<v1::ListWaitersReply>("mp.v1.Admin/ListWaiters", request));
  };
  const std::string of_b = "session: " + std::to_string(b.session->id());
  EXPECT_THAT(listed(of_b), ElementsAre("job:2", "mail"));
  EXPECT_THAT(listed("name_prefix: 'job:'"), ElementsAre("job:1", "job:2"));
  EXPECT_THAT(listed(of_b + " name_prefix: 'job:'"), ElementsAre("job:2"));
  EXPECT_THAT(listed("name_prefix: 'none'"), IsEmpty());
}

TEST_F(AdministrationTest, SessionsAreListedWithoutTheirSecrets) {
  a.call(create_queue("q"));
  a.send(take("q"));
  a.session->attach(a.port);
  const auto reply = run<v1::ListSessionsReply>("mp.v1.Admin/ListSessions");
  ASSERT_EQ(reply.sessions_size(), 2);
  const v1::SessionSummary& summary = reply.sessions(0);
  EXPECT_EQ(summary.session(), a.session->id());
  EXPECT_EQ(summary.client().host(), "db1");
  EXPECT_EQ(summary.lane(), "local");
  EXPECT_EQ(summary.connections(), 1U);
  EXPECT_EQ(summary.references(), 1U);
  EXPECT_EQ(summary.waiting(), 1U);
  EXPECT_EQ(summary.kept_outcomes(), 1U);
  EXPECT_GT(summary.kept_bytes(), 0U);
  EXPECT_THAT(reply.SerializeAsString(), testing::Not(HasSubstr(a.session->secret())));
}

TEST_F(AdministrationTest, ASessionIsClosedByForce) {
  a.call(create_lock("L"));
  a.lock("L");
  const auto waits = b.send(acquire("L"));
  run<v1::CloseSessionReply>("mp.v1.Admin/CloseSession",
                             "session: " + std::to_string(a.session->id()));
  EXPECT_EQ(code, v1::CODE_UNSPECIFIED);
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(waits)));
  run<v1::CloseSessionReply>("mp.v1.Admin/CloseSession",
                             "session: " + std::to_string(a.session->id()));
  EXPECT_EQ(code, v1::SESSION_EXPIRED);
}

TEST_F(AdministrationTest, GarbageIsCollectedOnDemand) {
  a.call(create_dict("d"));
  a.call(unref(a.make(create_dict())));
  const auto reply = run<v1::CollectReply>("mp.v1.Admin/Collect");
  EXPECT_EQ(reply.removed(), 1U);
  EXPECT_EQ(reply.objects(), 1U);
}

TEST_F(AdministrationTest, TheNumbersOfThisRun) {
  a.call(create_queue("q"));
  a.send(take("q"));
  const auto stats = run<v1::StatsReply>("mp.v1.Admin/Stats");
  EXPECT_EQ(stats.epoch(), manager.engine.epoch());
  EXPECT_THAT(stats.version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_NEAR(seconds_ago(stats.started()), 0, 60);
  EXPECT_EQ(stats.objects(), 1U);
  EXPECT_EQ(stats.sessions(), 2U);
  EXPECT_EQ(stats.waiters(), 1U);
  EXPECT_EQ(stats.commands(), 2U);
}

TEST_F(AdministrationTest, AnOpenedSessionHasASecretThatLetsItsCallsIn) {
  const auto opened = run<v1::SessionOpenReply>("mp.v1.Sessions/Open",
                                                "client { host: 'x' } time_to_live { seconds: 3 }");
  EXPECT_EQ(opened.secret().size(), 32U);
  EXPECT_EQ(opened.time_to_live().seconds(), 3);
  const auto session =
      manager.engine.sessions().find(opened.session(), absl::HexStringToBytes(opened.secret()));
  ASSERT_TRUE(session.ok());
  EXPECT_EQ((*session)->client().host(), "x");
  manager.advance(seconds(2));
  EXPECT_EQ(
      run<v1::SessionRenewReply>("mp.v1.Sessions/Renew", "", *session).time_to_live().seconds(), 3);
  manager.advance(seconds(2));
  EXPECT_FALSE((*session)->ended());
  manager.advance(seconds(1));
  EXPECT_TRUE((*session)->ended());
  run<v1::SessionRenewReply>("mp.v1.Sessions/Renew", "", *session);
  EXPECT_EQ(code, v1::SESSION_EXPIRED);
}

TEST_F(AdministrationTest, ATimeToLiveIsCheckedWhereItComesIn) {
  EXPECT_EQ(run<v1::SessionOpenReply>("mp.v1.Sessions/Open").time_to_live().seconds(), 10);
  EXPECT_EQ(run<v1::SessionOpenReply>("mp.v1.Sessions/Open", "time_to_live { nanos: 1 }")
                .time_to_live()
                .nanos(),
            100'000'000);
  for (const char* wrong : {"time_to_live {}", "time_to_live { seconds: -5 }"}) {
    run<v1::SessionOpenReply>("mp.v1.Sessions/Open", wrong);
    EXPECT_EQ(code, v1::VALUE_ERROR);
  }
  const auto endless =
      run<v1::SessionOpenReply>("mp.v1.Sessions/Open", "time_to_live { seconds: 315576000000 }");
  manager.advance(hours(1));
  EXPECT_NE(manager.engine.sessions().find(endless.session()), nullptr);
}

TEST_F(AdministrationTest, OnlyASessionCanBeRenewed) {
  run<v1::SessionRenewReply>("mp.v1.Sessions/Renew");
  EXPECT_EQ(code, v1::NO_SESSION);
}

}  // namespace
}  // namespace mp::server::engine_test
