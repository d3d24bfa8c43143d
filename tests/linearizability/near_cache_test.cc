#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "tests/linearizability/histories.h"

// Counters that only grow, read through a near cache: a process never reads less than it has heard
// of, whoever has counted, and whatever object it has heard it from. One of them is killed, and
// connections are cut.

namespace mp::linearizability {
namespace {

constexpr int kKeys = 4;

MP_HISTORIES(NearCacheHistories);

class Reader {
 public:
  explicit Reader(Client& client)
      : client_(client),
        near_(client.manager().dict<int, std::int64_t>("counters", {.near_cache = true})),
        plain_(client.manager().dict<int, std::int64_t>("counters")),
        hearsay_(client.manager().dict<int, std::int64_t>("hearsay")) {}

  void step() {
    const int key = client_.any(kKeys);
    switch (client_.any(6)) {
      case 0:
        hear(key, client_.run(key, Code::kAdd, 1, [&] { return plain_.add(key, 1); }));
        break;
      case 1:
        hear(key, client_.run(key, Code::kAdd, 1, [&] { return near_.add(key, 1); }));
        break;
      case 2:
        client_.run(kKeys, Code::kSet, heard_.at(static_cast<std::size_t>(key)),
                    [&] { hearsay_.set(key, heard_.at(static_cast<std::size_t>(key))); });
        break;
      case 3:
        hear(key, client_.run(kKeys, Code::kGet, [&] { return hearsay_.get(key); }));
        break;
      default:
        read(key);
    }
  }

 private:
  void hear(int key, const Result& result) {
    auto& heard = heard_.at(static_cast<std::size_t>(key));
    heard = std::max(heard, result.value == kAbsent ? 0 : result.value);
  }
  void read(int key) {
    const Result result = client_.run(key, Code::kGet, [&] { return near_.get(key); });
    const std::int64_t value = result.value == kAbsent ? 0 : result.value;
    // Ends the client in a way that nobody has planned.
    if (value < heard_.at(static_cast<std::size_t>(key))) std::abort();
    hear(key, result);
  }

  Client& client_;
  const DictProxy<int, std::int64_t> near_;
  const DictProxy<int, std::int64_t> plain_;
  const DictProxy<int, std::int64_t> hearsay_;
  std::array<std::int64_t, kKeys> heard_{};
};

TEST_P(NearCacheHistories, NeverReadLessThanTheirProcessHasHeardOf) {
  for (const unsigned seed : seeds(3)) {
    SCOPED_TRACE(testing::Message() << "MP_TEST_SEED=" << seed);
    const Happened happened =
        play(GetParam(),
             {.work = [](Client& client) -> Plan::Step {
                return [reader = std::make_shared<Reader>(client)] { reader->step(); };
              },
              .steps = 400},
             seed);
    EXPECT_EQ(happened.failed, 0) << "clients";
    EXPECT_GE(happened.cuts, 1);
    EXPECT_GE(happened.lost.size(), 1U) << "one is killed";
  }
}

}  // namespace
}  // namespace mp::linearizability
