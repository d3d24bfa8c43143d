#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "mp/codec.h"
#include "mp/pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// What can't be written, or not be read where it arrives.

namespace mp::test {

enum class Trouble { kNone, kInWriting, kInReading };

// A number that makes trouble on its way.
struct Awkward {
  int number = 0;
  Trouble trouble = Trouble::kNone;
};

// A number that can only be moved.
class Ticket {
 public:
  explicit Ticket(int number) : number_(std::make_unique<int>(number)) {}
  int number() const { return *number_; }

 private:
  std::unique_ptr<int> number_;
};

}  // namespace mp::test

template <>
struct mp::Codec<mp::test::Ticket> {
  static constexpr KindSet kKinds{ValueKind::kInt};
  template <class Sink>
  static void write(Sink& out, const mp::test::Ticket& ticket) {
    out.write(ticket.number());
  }
  template <class Source>
  static mp::test::Ticket read(Source& in) {
    return mp::test::Ticket(Codec<int>::read(in));
  }
};

template <>
struct mp::Codec<mp::test::Awkward> {
  using Awkward = mp::test::Awkward;
  using Trouble = mp::test::Trouble;

  template <class Sink>
  static void write(Sink& out, const Awkward& item) {
    if (item.trouble == Trouble::kInWriting) throw std::runtime_error("can't be written");
    out.tuple(2, [&] {
      out.write(item.number);
      out.write(item.trouble == Trouble::kInReading);
    });
  }
  template <class Source>
  static Awkward read(Source& in) {
    auto items = in.items();
    items.next();
    const int number = Codec<int>::read(items.value());
    items.next();
    if (Codec<bool>::read(items.value())) throw std::domain_error("can't be read");
    items.next();
    return {number};
  }
};

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

class Encoding : public ProcessTest {};

int number_of(const Awkward& item) { return item.number; }
Awkward awkward(int number, int trouble) { return {number, static_cast<Trouble>(trouble)}; }

TEST_F(Encoding, AnArgumentThatCannotBeWrittenIsTheCallersError) {
  Pool pool(2);
  const auto call = [&] { pool.apply(number_of, Awkward{1, Trouble::kInWriting}); };
  EXPECT_THAT(call, ThrowsMessage<std::runtime_error>("can't be written"));
  std::vector<Awkward> items(10);
  items[7].trouble = Trouble::kInWriting;
  EXPECT_THROW(pool.map(number_of, items, {.chunksize = 2}), std::runtime_error);
  EXPECT_THROW(pool.map_async(number_of, items), std::runtime_error);
  EXPECT_EQ(pool.apply(number_of, Awkward{3}), 3);
}

TEST_F(Encoding, WhatCanOnlyBeMovedIsAnArgumentAndAResult) {
  Pool pool(1);
  const auto next = [](Ticket ticket) { return Ticket(ticket.number() + 1); };
  EXPECT_EQ(pool.apply(next, Ticket(4)).number(), 5);
  EXPECT_EQ(pool.apply_async(next, Ticket(5)).get(60s).number(), 6);
  std::vector<Ticket> tickets;
  for (int i = 0; i < 3; ++i) tickets.emplace_back(i);
  const auto come = pool.map(next, std::move(tickets));
  ASSERT_EQ(come.size(), 3U);
  EXPECT_EQ(come[2].number(), 3);
}

TEST_F(Encoding, AnArgumentThatCannotBeReadIsTheErrorOfItsItem) {
  Pool pool(1);
  auto results = pool.imap(number_of, std::vector<Awkward>{{1}, {2, Trouble::kInReading}, {3}},
                           {.chunksize = 3});
  EXPECT_EQ(results.next(), 1);
  EXPECT_THAT([&] { results.next(); }, ThrowsMessage<std::domain_error>("can't be read"));
  EXPECT_EQ(results.next(), 3);
}

TEST_F(Encoding, AResultThatCannotBeWrittenIsTheErrorOfItsTaskAndTheWorkerGoesOn) {
  Pool pool(2);
  const auto workers = pool.worker_pids();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT([&] { pool.apply(awkward, i, static_cast<int>(Trouble::kInWriting)); },
                ThrowsMessage<MaybeEncodingError>(HasSubstr("can't be written")));
  }
  EXPECT_EQ(pool.apply(awkward, 5, 0).number, 5);
  EXPECT_EQ(pool.worker_pids(), workers);
}

TEST_F(Encoding, AResultThatCannotBeReadIsTheErrorOfItsTask) {
  Pool pool(2);
  EXPECT_THAT([&] { pool.apply(awkward, 1, static_cast<int>(Trouble::kInReading)); },
              ThrowsMessage<MaybeEncodingError>(HasSubstr("can't be read")));
  EXPECT_EQ(pool.apply(awkward, 5, 0).number, 5);
}

}  // namespace
}  // namespace mp::test
