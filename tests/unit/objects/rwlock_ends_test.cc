#include "tests/unit/objects/rwlock_fixture.h"

// How its grants end, but by release.

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::Reads;
using test::Results;
using test::tells_of_a_death;
using test::token_of;
using test::Who;
using test::Writes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using RWLockEndsTest = test::RWLockTest;

TEST_F(RWLockEndsTest, EverybodyLearnsThatAWriterDiedUntilAWriterDoes) {
  write(1);
  read(2);
  write(3);
  read(4);
  const Results reader = lock.owner_gone(1);
  ASSERT_THAT(reader, ElementsAre(Reads(2)));
  EXPECT_TRUE(tells_of_a_death(reader[0]));
  const Results writer = stop_reading(Who(5, 2));
  ASSERT_THAT(writer, ElementsAre(Done(5), Writes(3)));
  EXPECT_TRUE(tells_of_a_death(writer[1]));
  const Results later = stop_writing(Who(6, 3));
  ASSERT_THAT(later, ElementsAre(Done(6), Reads(4)));
  EXPECT_FALSE(tells_of_a_death(later[1]));
}

TEST_F(RWLockEndsTest, AReadersDeathIsNotTold) {
  read(1);
  write(2);
  const Results granted = lock.owner_gone(1);
  ASSERT_THAT(granted, ElementsAre(Writes(2)));
  EXPECT_FALSE(tells_of_a_death(granted[0]));
}

TEST_F(RWLockEndsTest, TheDeathOfAWriterThatReadsEndsBoth) {
  write(Who(1, 1));
  read(Who(2, 1));
  EXPECT_THAT(write(3), IsEmpty());
  EXPECT_THAT(lock.owner_gone(1), ElementsAre(Writes(3)));
}

TEST_F(RWLockEndsTest, AWritersLeaseEndsAsItsSessionDoes) {
  const Results late = write(1, 5);
  read(2);
  EXPECT_THAT(lock.advance(4s), IsEmpty());
  const Results granted = lock.advance(1s);
  ASSERT_THAT(granted, ElementsAre(Reads(2)));
  EXPECT_TRUE(tells_of_a_death(granted[0]));
  EXPECT_FALSE(holds(token_of(late[0])));
  EXPECT_THAT(stop_writing(Who(3, 1)), ElementsAre(Fails(3, v1::NOT_OWNER)));
}

TEST_F(RWLockEndsTest, AReadersLeaseEndsItsGrantAlone) {
  const Results late = read(1, 5);
  const Results other = read(2);
  lock.advance(5s);
  EXPECT_FALSE(holds(token_of(late[0])));
  EXPECT_TRUE(holds(token_of(other[0])));
  EXPECT_THAT(stop_reading(Who(3, 1)), ElementsAre(Fails(3, v1::NOT_OWNER)));
}

TEST_F(RWLockEndsTest, TheLeaseIsThatOfTheFirstAcquisition) {
  read(Who(1, 1), 5);
  read(Who(2, 1), 100);
  write(3);
  EXPECT_THAT(lock.advance(5s), ElementsAre(Writes(3)));
}

TEST_F(RWLockEndsTest, ALeaseOfNothingIsRefused) {
  EXPECT_THAT(read(1, 0), ElementsAre(Fails(1, v1::VALUE_ERROR)));
  EXPECT_THAT(write(2, -1), ElementsAre(Fails(2, v1::VALUE_ERROR)));
}

TEST_F(RWLockEndsTest, WhatIsTakenBackGoesToTheNext) {
  const Results given = write(1);
  read(2);
  EXPECT_THAT(lock.take_back(given[0]), ElementsAre(Reads(2)));
  const Results again = read(Who(3, 2));
  EXPECT_THAT(lock.take_back(again[0]), IsEmpty());
  EXPECT_TRUE(holds(token_of(again[0]))) << "but for that entry";
}

TEST_F(RWLockEndsTest, ThatAWriterDiedIsToldAgainIfItWasNotHeard) {
  write(1);
  lock.owner_gone(1);
  const Results unheard = write(2);
  EXPECT_TRUE(tells_of_a_death(unheard[0]));
  lock.take_back(unheard[0]);
  EXPECT_TRUE(tells_of_a_death(write(3)[0]));
}

}  // namespace
}  // namespace mp::server
