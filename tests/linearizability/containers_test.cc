#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/list.h"
#include "tests/linearizability/models/set.h"

// Lists and sets, each as a whole.

namespace mp::linearizability {
namespace {

constexpr int kObjects = 3;

MP_HISTORIES(ListHistories);

class ListClient {
 public:
  explicit ListClient(Client& client) : client_(client) {
    for (int i = 0; i < kObjects; ++i)
      lists_.push_back(client.manager().list<std::int64_t>("l" + std::to_string(i)));
  }

  void step() {
    const int object = client_.any(kObjects);
    const auto& list = lists_[static_cast<std::size_t>(object)];
    const std::int64_t number = client_.unique();
    switch (client_.any(7)) {
      case 0:
        take(object, Code::kPop, [&] { return list.pop(); });
        break;
      case 1:
        take(object, Code::kPopFirst, [&] { return list.pop(0); });
        break;
      case 2:
        client_.run(object, Code::kSize, [&] { return list.size(); });
        break;
      case 3:
      case 4:
        at(object, list, client_.any(4), number);
        break;
      default:
        client_.run(object, Code::kAppend, number, [&] { list.append(number); });
    }
  }

  // Takes all that is left.
  void drain() {
    for (int object = 0; object < kObjects; ++object) {
      const auto& list = lists_[static_cast<std::size_t>(object)];
      while (take(object, Code::kPopFirst, [&] { return list.pop(0); })) continue;
    }
  }

 private:
  template <class Call>
  bool take(int object, Code code, Call&& call) {
    const Result result = client_.run(object, code, [&] { return unless<IndexError>(call); });
    return result.outcome == Outcome::kDone;
  }

  void at(int object, const ListProxy<std::int64_t>& list, std::int64_t index,
          std::int64_t number) {
    if (client_.any(2) == 0) {
      client_.run(object, Code::kGet, index,
                  [&] { return unless<IndexError>([&] { return list.at(index); }); });
    } else {
      client_.run(object, Code::kExchange, index, number,
                  [&] { return unless<IndexError>([&] { list.set(index, number); }); });
    }
  }

  Client& client_;
  std::vector<ListProxy<std::int64_t>> lists_;
};

TEST_P(ListHistories, AreThoseOfOneList) {
  check_histories<List>({
      .work = [](Client& client) -> Plan::Step {
        return [list = ListClient(client)]() mutable { list.step(); };
      },
      .finish = [](Client& client, const Happened&) { ListClient(client).drain(); },
  });
}

MP_HISTORIES(SetHistories);

class SetClient {
 public:
  explicit SetClient(Client& client) : client_(client) {
    for (int i = 0; i < kObjects; ++i)
      sets_.push_back(client.manager().set<std::int64_t>("s" + std::to_string(i)));
  }

  void step() {
    constexpr int kItems = 4;
    const int object = client_.any(kObjects);
    const auto& set = sets_[static_cast<std::size_t>(object)];
    const std::int64_t item = client_.any(kItems);
    switch (client_.any(6)) {
      case 0:
        client_.run(object, Code::kErase, item, [&] { return set.discard(item); });
        break;
      case 1:
        client_.run(object, Code::kContains, item, [&] { return set.contains(item); });
        break;
      case 2:
        client_.run(object, Code::kSize, [&] { return set.size(); });
        break;
      case 3:
        pop(object);
        break;
      default:
        client_.run(object, Code::kAdd, item, [&] { return set.add(item); });
    }
  }

  // Takes all that is left.
  void drain() {
    for (int object = 0; object < kObjects; ++object)
      while (pop(object)) continue;
  }

 private:
  bool pop(int object) {
    const auto& set = sets_[static_cast<std::size_t>(object)];
    const Result result = client_.run(object, Code::kPop,
                                      [&] { return unless<KeyError>([&] { return set.pop(); }); });
    return result.outcome == Outcome::kDone;
  }

  Client& client_;
  std::vector<SetProxy<std::int64_t>> sets_;
};

TEST_P(SetHistories, AreThoseOfOneSet) {
  check_histories<Set>({
      .work = [](Client& client) -> Plan::Step {
        return [set = SetClient(client)]() mutable { set.step(); };
      },
      .finish = [](Client& client, const Happened&) { SetClient(client).drain(); },
  });
}

}  // namespace
}  // namespace mp::linearizability
