#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/local/queue.h"
#include "tests/pool/pool_contract.h"

// Results that are taken one by one while the input is read.

namespace mp::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

template <class Backend>
class Streams : public PoolContract<Backend> {};
TYPED_TEST_SUITE(Streams, Backends, NameOfBackend);

int get_from(const Queue<int>& in) { return in.get(); }

TYPED_TEST(Streams, ImapGivesResultsInOrder) {
  auto pool = this->make(4);
  auto results = pool.imap(square, std::views::iota(0, 1000), {.chunksize = 100});
  int n = 0;
  for (const int result : results) {
    EXPECT_EQ(result, n * n);
    ++n;
  }
  EXPECT_EQ(n, 1000);
  EXPECT_FALSE(results.next().has_value());
}

TYPED_TEST(Streams, ImapUnorderedGivesThemAsTheyCome) {
  auto pool = this->make(4);
  std::vector<int> all;
  for (const int result : pool.imap_unordered(square, std::views::iota(0, 300)))
    all.push_back(result);
  std::ranges::sort(all);
  ASSERT_THAT(all, testing::SizeIs(300));
  for (int n = 0; n < 300; ++n) EXPECT_EQ(all[static_cast<std::size_t>(n)], n * n);
}

TYPED_TEST(Streams, ImapUnorderedDoesNotWaitForTheFirst) {
  auto pool = this->make(2);
  const Queue<int> gate;
  std::vector<std::pair<Queue<int>, int>> items = {{gate, 0}, {gate, 1}};
  auto results = pool.imap_unordered(
      [](const std::pair<Queue<int>, int>& item) {
        if (item.second == 0) item.first.get();
        return item.second;
      },
      items);
  EXPECT_EQ(results.next(), 1);
  gate.put(0);
  EXPECT_EQ(results.next(), 0);
}

TYPED_TEST(Streams, ImapOfAnEndlessInputReadsNoFurtherThanItsBuffer) {
  auto pool = this->make(2);
  int read = 0;
  auto endless = std::views::iota(0) | std::views::transform([&read](int n) {
                   ++read;
                   return n;
                 });
  auto results = pool.imap(square, endless, {.buffersize = 10});
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(results.next(), i * i);
    EXPECT_LE(read, i + 10 + 1);
  }
}

TYPED_TEST(Streams, TheNextOfImapMayComeTooLate) {
  auto pool = this->make(1);
  const Queue<int> gate;
  auto results =
      pool.imap([](const Queue<int>& in) { return in.get(); }, std::vector<Queue<int>>{gate});
  EXPECT_THROW(results.next(1ms), TimeoutError);
  gate.put(3);
  EXPECT_EQ(results.next(10s), 3);
}

TYPED_TEST(Streams, TheInputOfImapIsReadNoFurtherThanItsBufferAlsoByChunks) {
  auto pool = this->make(2);
  int read = 0;
  auto input = std::views::iota(0) | std::views::transform([&read](int n) {
                 ++read;
                 return n;
               });
  auto results = pool.imap(square, input, {.chunksize = 7, .buffersize = 10});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(results.next(60s), i * i);
    EXPECT_LE(read, i + 10);
  }
}

// Gives numbers that depend on what came of those before.
class Feedback {
 public:
  explicit Feedback(const int& last) : last_(&last) {}

  struct Iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    const int* last;
    int now;
    int operator*() const { return now; }
    Iterator& operator++() {
      now = *last + 1;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& left, std::default_sentinel_t) { return left.now > 99; }
  };
  Iterator begin() const { return {last_, 2}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  const int* last_;
};

TYPED_TEST(Streams, TheInputOfImapMayDependOnItsResults) {
  auto pool = this->make(1);
  int last = 0;
  const Feedback feedback(last);
  std::vector<int> squares;
  for (const int result : pool.imap(square, feedback, {.buffersize = 1})) {
    last = result;
    squares.push_back(result);
  }
  EXPECT_THAT(squares, ElementsAre(4, 25, 676));
}

TYPED_TEST(Streams, TheProgressOfAnImapCanBeSeen) {
  auto pool = this->make(1);
  const Queue<int> gate;
  auto results = pool.imap(get_from, std::vector<Queue<int>>(6, gate), {.buffersize = 4});
  EXPECT_EQ(results.progress().done, 0U);
  EXPECT_EQ(results.progress().total, 4U);
  gate.put_many({1, 2, 3, 4, 5, 6});
  while (results.next(60s)) continue;
  EXPECT_EQ(results.progress().done, 6U);
  EXPECT_EQ(results.progress().total, 6U);
}

TYPED_TEST(Streams, AnImapThatIsCancelledReadsNoMoreAndEndsAfterWhatWasRead) {
  auto pool = this->make(1);
  const Queue<int> gate;
  int read = 0;
  auto endless = std::views::iota(0) | std::views::transform([&](int) {
                   ++read;
                   return gate;
                 });
  auto results = pool.imap(get_from, endless, {.buffersize = 3});
  gate.put(7);
  EXPECT_EQ(results.next(60s), 7);
  const int read_before = read;
  EXPECT_TRUE(results.cancel());
  EXPECT_FALSE(results.cancel());
  gate.put(8);  // a thread that is at it goes on
  int cancelled = 0;
  for (bool is_at_end = false; !is_at_end;) {
    try {
      is_at_end = !results.next(60s).has_value();
    } catch (const Cancelled&) {
      ++cancelled;
    }
  }
  EXPECT_GE(cancelled, 1);
  EXPECT_EQ(read, read_before);
  EXPECT_EQ(pool.apply(square, 3), 9);
}

TYPED_TEST(Streams, AnImapThatHasEndedCannotBeCancelled) {
  auto pool = this->make(1);
  auto results = pool.imap(square, std::vector{1, 2});
  while (results.next(60s)) continue;
  EXPECT_FALSE(results.cancel());
  EXPECT_FALSE(results.next(60s).has_value());
}

}  // namespace
}  // namespace mp::test
