#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/threads.h"

// What a threads::Connection has beyond mp::Connection. What both have is in tests/contract/local.

namespace mp::threads {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ThreadsConnection : public testing::Test {
 protected:
  std::pair<Connection, Connection> ends = Pipe();
  const Connection& mine = ends.first;
  const Connection& theirs = ends.second;
};

TEST_F(ThreadsConnection, MovesWhatCanOnlyBeMoved) {
  mine.send(std::make_unique<int>(42));
  EXPECT_EQ(*theirs.recv<std::unique_ptr<int>>(), 42);
}

TEST_F(ThreadsConnection, CopiesAnLvalueOnceAndAnRvalueNever) {
  const auto kept = std::make_shared<int>(1);
  mine.send(kept);
  EXPECT_EQ(kept.use_count(), 2);
  auto given = std::make_shared<int>(2);
  mine.send(std::move(given));
  EXPECT_EQ(theirs.recv<std::shared_ptr<int>>(), kept);
  EXPECT_EQ(theirs.recv<std::shared_ptr<int>>().use_count(), 1);
}

TEST_F(ThreadsConnection, TakesFunctionsThatRefer) {
  int calls = 0;
  mine.send(std::function<void()>([&] { ++calls; }));
  theirs.recv<std::function<void()>>()();
  EXPECT_EQ(calls, 1);
}

TEST_F(ThreadsConnection, GivesAnotherTypeThanWasSentIfBothHaveACodec) {
  mine.send(7);
  mine.send(std::vector<int>{1, 2});
  mine.send(Any{1, None});
  EXPECT_EQ(theirs.recv<double>(), 7.0);
  EXPECT_EQ(theirs.recv(), (Any{1, 2}));
  EXPECT_EQ(theirs.recv(), (Any{1, None}));
}

TEST_F(ThreadsConnection, RefusesToMakeATypeOfAnotherWithoutACodec) {
  struct Opaque {
    std::unique_ptr<int> number;
  };
  mine.send(Opaque());
  EXPECT_THROW(theirs.recv<int>(), TypeError);
  mine.send(1);
  EXPECT_THROW(theirs.recv<std::unique_ptr<int>>(), TypeError);
  mine.send_bytes("x");
  EXPECT_THROW(theirs.recv<std::unique_ptr<int>>(), TypeError);
  mine.send(3);
  EXPECT_EQ(theirs.recv<int>(), 3) << "the connection is as good as before";
}

TEST_F(ThreadsConnection, KeepsTextThatIsReferredTo) {
  {
    const std::string text = "a view of what is gone";
    mine.send(std::string_view(text));
  }
  mine.send("a literal");
  EXPECT_EQ(theirs.recv<std::string>(), "a view of what is gone");
  EXPECT_EQ(theirs.recv<std::string>(), "a literal");
}

TEST_F(ThreadsConnection, IsClosedWithItsLastHandle) {
  const Connection second = mine;
  mine.close();
  mine.close();
  EXPECT_TRUE(mine.closed());
  EXPECT_THROW(mine.send(1), ConnectionError);
  EXPECT_TRUE(Connection(mine).closed());
  second.send(1);
  EXPECT_EQ(theirs.recv<int>(), 1);
  second.send(2);
  second.close();
  EXPECT_EQ(theirs.recv<int>(), 2);
  EXPECT_THROW(theirs.recv<int>(), EOFError);
  EXPECT_THROW(theirs.send(1), ConnectionError);
}

TEST_F(ThreadsConnection, HasADirection) {
  const auto [reader, writer] = Pipe(false);
  EXPECT_THROW(reader.send(1), ConnectionError);
  EXPECT_THROW(writer.recv(), ConnectionError);
  EXPECT_THROW(writer.poll(), ConnectionError);
}

TEST_F(ThreadsConnection, GivesBytesOfAtMostALengthAndAPartOfThem) {
  mine.send_bytes("hello", 1, 3);
  EXPECT_EQ(theirs.recv_bytes(3), Bytes("ell"));
  mine.send_bytes("hello");
  EXPECT_THROW(theirs.recv_bytes(3), ConnectionError);
  EXPECT_THROW(theirs.recv_bytes(-1), ValueError);
  EXPECT_THROW(mine.send_bytes("x", 2), ValueError);
  std::array<char, 4> buffer{};
  mine.send_bytes("ab");
  EXPECT_EQ(theirs.recv_bytes_into(buffer, 1), 2U);
  EXPECT_THAT(buffer, ElementsAre('\0', 'a', 'b', '\0'));
  EXPECT_THROW(theirs.recv_bytes_into(buffer, 5), ValueError);
}

TEST_F(ThreadsConnection, GivesUpAfterTheTimeout) {
  EXPECT_THROW(mine.recv(1ms), TimeoutError);
  EXPECT_EQ(mine.try_recv<int>(), std::nullopt);
  theirs.send(1);
  EXPECT_EQ(mine.try_recv<int>(), 1);
}

TEST_F(ThreadsConnection, IsWaitedForAmongOthers) {
  const Event enough;
  Process process([enough] { enough.wait(); });
  EXPECT_THROW(wait({mine, process}, 0s), ValueError);
  process.start();
  EXPECT_THAT(wait({mine, process, theirs}, 1ms), IsEmpty());
  mine.send(1);
  EXPECT_THAT(wait({mine, process, theirs}), ElementsAre(Waitable(theirs)));
  theirs.recv<int>();
  enough.set();
  EXPECT_THAT(wait({mine, process, theirs}), ElementsAre(Waitable(process)));
  process.join();
  const std::vector<Connection> ends_of_both{mine, theirs};
  EXPECT_THAT(wait(ends_of_both, 1ms), IsEmpty());
  theirs.send(1);
  EXPECT_THAT(wait(ends_of_both), ElementsAre(mine));
  ends_of_both.back().close();
  EXPECT_THROW(wait(ends_of_both, 0s), ConnectionError);
}

TEST(ThreadsListener, AcceptsWhoConnects) {
  const Listener listener;
  Process client([address = listener.address()] {
    const Connection connection = Client(address);
    connection.send(connection.recv<std::unique_ptr<int>>());
  });
  client.start();
  const Connection connection = listener.accept();
  connection.send(std::make_unique<int>(5));
  EXPECT_EQ(*connection.recv<std::unique_ptr<int>>(), 5);
  client.join();
}

TEST(ThreadsListener, GivesUpAfterTheTimeout) {
  const Listener listener;
  EXPECT_EQ(listener.try_accept(), std::nullopt);
  EXPECT_THROW(listener.accept(1ms), TimeoutError);
}

TEST(ThreadsListener, IsClosedWithItsLastCopyOrForAll) {
  auto listener = std::make_unique<Listener>();
  const Address address = listener->address();
  const auto copy = std::make_unique<Listener>(*listener);
  listener.reset();
  const Connection early = Client(address);
  copy->close();
  EXPECT_TRUE(copy->closed());
  EXPECT_THROW(early.recv(), EOFError) << "it was not accepted";
  EXPECT_THROW(copy->accept(), ConnectionError);
  EXPECT_THROW(Client(address), ConnectionError);
}

}  // namespace
}  // namespace mp::threads
