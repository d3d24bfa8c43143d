#include "server/objects/error.h"
#include "tests/unit/objects/rwlock_fixture.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::NotGranted;
using test::Reads;
using test::Results;
using test::token_of;
using test::Who;
using test::Writes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using RWLockTest = test::RWLockTest;

TEST_F(RWLockTest, ManyReadAtOnce) {
  EXPECT_THAT(read(1), ElementsAre(Reads(1)));
  EXPECT_THAT(read(2), ElementsAre(Reads(2)));
  EXPECT_EQ(lock.object().length(), 2U);
}

TEST_F(RWLockTest, NobodyReadsOrWritesWhileSomebodyWrites) {
  EXPECT_THAT(write(1), ElementsAre(Writes(1)));
  EXPECT_THAT(read(2), IsEmpty());
  EXPECT_THAT(write(3), IsEmpty());
}

TEST_F(RWLockTest, AWriterWaitsForTheLastReader) {
  read(1);
  read(2);
  EXPECT_THAT(write(3), IsEmpty());
  EXPECT_THAT(stop_reading(Who(4, 1)), ElementsAre(Done(4)));
  EXPECT_THAT(stop_reading(Who(5, 2)), ElementsAre(Done(5), Writes(3)));
}

TEST_F(RWLockTest, AReaderThatComesAfterAWaitingWriterWaitsBehindIt) {
  read(1);
  write(2);
  EXPECT_THAT(read(3), IsEmpty());
  EXPECT_THAT(stop_reading(Who(4, 1)), ElementsAre(Done(4), Writes(2)));
  EXPECT_THAT(stop_writing(Who(5, 2)), ElementsAre(Done(5), Reads(3)));
}

TEST_F(RWLockTest, ReadersThatStandTogetherAreGrantedTogether) {
  write(1);
  read(2);
  read(3);
  write(4);
  read(5);
  EXPECT_THAT(stop_writing(Who(6, 1)), ElementsAre(Done(6), Reads(2), Reads(3)));
}

TEST_F(RWLockTest, ReadersGoOnWhenTheWriterBeforeThemGivesUp) {
  read(1);
  write(2, {}, 5);
  write(3);
  read(4);
  EXPECT_THAT(lock.abandon(3), IsEmpty());
  EXPECT_THAT(lock.advance(5s), ElementsAre(NotGranted(2), Reads(4)));
}

TEST_F(RWLockTest, ReadersGoOnWhenTheWriterBeforeThemEnds) {
  read(1);
  write(2);
  read(3);
  EXPECT_THAT(lock.owner_gone(2), ElementsAre(Reads(3)));
}

TEST_F(RWLockTest, TheDeadHoldNobodyUp) {
  read(1);
  write(2);
  lock.kill(2);
  EXPECT_THAT(read(3), ElementsAre(Reads(3)));
}

TEST_F(RWLockTest, ATimeoutOfZeroDoesNotWait) {
  EXPECT_THAT(read(1, {}, 0), ElementsAre(Reads(1)));
  EXPECT_THAT(write(2, {}, 0), ElementsAre(NotGranted(2)));
  EXPECT_THAT(read(3, {}, 0), ElementsAre(Reads(3)));
}

TEST_F(RWLockTest, AReaderReadsAgainThoughAWriterWaits) {
  const Results first = read(Who(1, 1));
  write(2);
  const Results again = read(Who(3, 1));
  EXPECT_THAT(again, ElementsAre(Reads(3)));
  EXPECT_EQ(token_of(again[0]), token_of(first[0]));
  EXPECT_THAT(stop_reading(Who(4, 1)), ElementsAre(Done(4)));
  EXPECT_THAT(stop_reading(Who(5, 1)), ElementsAre(Done(5), Writes(2)));
}

TEST_F(RWLockTest, AWriterWritesAgainAndReleasesAsOften) {
  write(Who(1, 1));
  EXPECT_THAT(write(Who(2, 1)), ElementsAre(Writes(2)));
  write(3);
  EXPECT_THAT(stop_writing(Who(4, 1)), ElementsAre(Done(4)));
  EXPECT_THAT(stop_writing(Who(5, 1)), ElementsAre(Done(5), Writes(3)));
}

TEST_F(RWLockTest, AWriterBecomesAReaderWithNobodyInBetween) {
  const Results writing = write(Who(1, 1));
  write(2);
  const Results reading = read(Who(3, 1));
  EXPECT_THAT(reading, ElementsAre(Reads(3)));
  EXPECT_NE(token_of(reading[0]), token_of(writing[0]));
  EXPECT_THAT(stop_writing(Who(4, 1)), ElementsAre(Done(4)));
  EXPECT_FALSE(holds(token_of(writing[0])));
  EXPECT_TRUE(holds(token_of(reading[0])));
  EXPECT_THAT(stop_reading(Who(5, 1)), ElementsAre(Done(5), Writes(2)));
}

TEST_F(RWLockTest, ReadersJoinAWriterThatBecameAReader) {
  write(Who(1, 1));
  read(Who(2, 1));
  read(3);
  EXPECT_THAT(stop_writing(Who(4, 1)), ElementsAre(Done(4), Reads(3)));
}

TEST_F(RWLockTest, AWriterThatReadsMayWriteAgain) {
  write(Who(1, 1));
  read(Who(2, 1));
  EXPECT_THAT(write(Who(3, 1)), ElementsAre(Writes(3)));
}

TEST_F(RWLockTest, AReaderThatWantsToWriteIsRefused) {
  read(Who(1, 1));
  EXPECT_THAT(write(Who(2, 1)), ElementsAre(Fails(2, v1::DEADLOCK)));
  EXPECT_THAT(write(Who(3, 1), {}, 0), ElementsAre(Fails(3, v1::DEADLOCK)));
  stop_reading(Who(4, 1));
  EXPECT_THAT(write(Who(5, 1)), ElementsAre(Writes(5)));
}

TEST_F(RWLockTest, WhoWaitsBothToReadAndToWriteIsRefusedTheSecond) {
  write(9);
  read(Who(1, 1));
  write(2);
  write(Who(3, 1));
  EXPECT_THAT(stop_writing(Who(8, 9)), ElementsAre(Done(8), Reads(1), Fails(3, v1::DEADLOCK)));
  EXPECT_THAT(stop_reading(Who(4, 1)), ElementsAre(Done(4), Writes(2)));
}

TEST_F(RWLockTest, WhoWaitedTwiceToReadReadsTwice) {
  write(9);
  read(Who(1, 1));
  read(Who(2, 1));
  write(3);
  const Results both = stop_writing(Who(8, 9));
  EXPECT_THAT(both, ElementsAre(Done(8), Reads(1), Reads(2)));
  EXPECT_EQ(token_of(both[1]), token_of(both[2]));
  stop_reading(Who(4, 1));
  EXPECT_THAT(stop_reading(Who(5, 1)), ElementsAre(Done(5), Writes(3)));
}

TEST_F(RWLockTest, WhoWaitedTwiceToWriteWritesTwice) {
  write(9);
  write(Who(1, 1));
  write(2);
  write(Who(3, 1));
  read(Who(4, 1));
  EXPECT_THAT(stop_writing(Who(8, 9)), ElementsAre(Done(8), Writes(1), Writes(3), Reads(4)));
  stop_writing(Who(5, 1));
  stop_writing(Who(6, 1));
  EXPECT_THAT(stop_reading(Who(7, 1)), ElementsAre(Done(7), Writes(2)));
}

TEST_F(RWLockTest, AnotherHandleOfTheSameSessionIsAnotherOwner) {
  write(Who(1, 1, 7));
  EXPECT_THAT(read(Who(2, 1, 8)), IsEmpty());
  EXPECT_THAT(stop_writing(Who(3, 1, 8)), ElementsAre(Fails(3, v1::NOT_OWNER)));
}

TEST_F(RWLockTest, OnlyWhoHoldsASideReleasesIt) {
  read(1);
  EXPECT_THAT(stop_reading(2), ElementsAre(Fails(2, v1::NOT_OWNER)));
  EXPECT_THAT(stop_writing(Who(3, 1)), ElementsAre(Fails(3, v1::NOT_OWNER)));
  EXPECT_THAT(stop_reading(Who(4, 1)), ElementsAre(Done(4)));
  EXPECT_THAT(stop_reading(Who(5, 1)), ElementsAre(Fails(5, v1::NOT_OWNER)));
}

TEST_F(RWLockTest, WithoutASessionItIsNotAcquired) {
  EXPECT_THAT(read(Who(1, 0)), ElementsAre(Fails(1, v1::NO_SESSION)));
  EXPECT_THAT(write(Who(2, 0)), ElementsAre(Fails(2, v1::NO_SESSION)));
}

TEST_F(RWLockTest, TokensOnlyGrow) {
  const std::uint64_t first = token_of(read(1)[0]);
  const std::uint64_t second = token_of(read(2)[0]);
  EXPECT_GT(second, first);
  stop_reading(Who(3, 1));
  stop_reading(Who(4, 2));
  EXPECT_GT(token_of(write(5)[0]), second);
}

TEST_F(RWLockTest, ShowsAllWhoHoldIt) {
  write(Who(1, 1));
  read(Who(2, 1), 5);
  const std::vector<Holding> holders = lock.object().holders();
  ASSERT_EQ(holders.size(), 2U);
  EXPECT_FALSE(holders[0].lease_ends.has_value());
  EXPECT_EQ(holders[1].lease_ends, lock.now() + 5s);
}

TEST_F(RWLockTest, TellsEachReaderItsOwnToken) {
  const Results mine = read(Who(1, 1));
  read(2);
  EXPECT_EQ(lock.ask(v1::RWLockReadLockedRequest()),
            "locked=True token=" + std::to_string(token_of(mine[0])) + " readers=2");
  stop_reading(Who(3, 1));
  EXPECT_EQ(lock.ask(v1::RWLockReadLockedRequest()), "locked=True token=0 readers=1");
  EXPECT_EQ(lock.ask(v1::RWLockWriteLockedRequest()), "locked=False token=0");
}

TEST_F(RWLockTest, WhoeverWaitsIsToldWhenItIsRemoved) {
  write(1);
  read(2);
  write(3);
  EXPECT_THAT(lock.dissolve(error(v1::NO_SUCH_OBJECT, "removed")),
              ElementsAre(Fails(2, v1::NO_SUCH_OBJECT), Fails(3, v1::NO_SUCH_OBJECT)));
}

}  // namespace
}  // namespace mp::server
