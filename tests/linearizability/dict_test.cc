#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/register.h"

// Keys of a dict and attributes of a namespace: each is a register of its own.

namespace mp::linearizability {
namespace {

constexpr int kKeys = 6;

MP_HISTORIES(DictHistories);

void add_or_take(Client& client, const DictProxy<int, std::int64_t>& dict, int key) {
  const std::int64_t number = client.unique();
  switch (client.any(4)) {
    case 0:
      client.run(key, Code::kAdd, number, [&] { return dict.add(key, number); });
      break;
    case 1:
      client.run(key, Code::kPop, [&] { return unless<KeyError>([&] { return dict.pop(key); }); });
      break;
    case 2:
      client.run(key, Code::kErase, [&] { return dict.erase(key) ? Result() : kRefusal; });
      break;
    default:
      client.run(key, Code::kSetDefault, number, [&] { return dict.setdefault(key, number); });
  }
}

void exchange(Client& client, const DictProxy<int, std::int64_t>& dict, int key) {
  const auto seen = client.run(key, Code::kGet, [&] { return result_of(dict.get(key)); });
  const std::int64_t number = client.any(4) == 0 ? kAbsent : client.unique();
  const auto optional = [](std::int64_t value) {
    return value == kAbsent ? std::nullopt : std::optional(value);
  };
  client.run(key, Code::kCompareExchange, seen.value, number,
             [&] { return dict.compare_exchange(key, optional(seen.value), optional(number)); });
}

TEST_P(DictHistories, AreThoseOfARegisterForEachKey) {
  check_histories<Key>({
      .work = [](Client& client) -> Plan::Step {
        return [&client, dict = client.manager().dict<int, std::int64_t>("d")] {
          const int key = client.any(kKeys);
          const std::int64_t number = client.unique();
          switch (client.any(5)) {
            case 0:
              client.run(key, Code::kGet, [&] { return dict.get(key); });
              break;
            case 1:
              client.run(key, Code::kSet, number, [&] { dict.set(key, number); });
              break;
            case 2:
              client.run(key, Code::kContains, [&] { return dict.contains(key); });
              break;
            case 3:
              add_or_take(client, dict, key);
              break;
            default:
              exchange(client, dict, key);
          }
        };
      },
      .finish =
          [](Client& client, const Happened&) {
            const auto dict = client.manager().dict<int, std::int64_t>("d");
            for (int key = 0; key < kKeys; ++key)
              client.run(key, Code::kGet, [&] { return dict.get(key); });
          },
  });
}

MP_HISTORIES(NamespaceHistories);

TEST_P(NamespaceHistories, AreThoseOfARegisterForEachAttribute) {
  check_histories<Key>({.work = [](Client& client) -> Plan::Step {
    return [&client, attributes = client.manager().namespace_("n")] {
      const int object = client.any(kKeys);
      const std::string name = "a" + std::to_string(object);
      const std::int64_t number = client.unique();
      switch (client.any(4)) {
        case 0:
          client.run(object, Code::kGet, [&] { return attributes.try_get<std::int64_t>(name); });
          break;
        case 1:
          client.run(object, Code::kSet, number, [&] { attributes.set(name, number); });
          break;
        case 2:
          client.run(object, Code::kAdd, number,
                     [&] { return attributes.add<std::int64_t>(name, number); });
          break;
        default:
          client.run(object, Code::kErase,
                     [&] { return attributes.erase(name) ? Result() : kRefusal; });
      }
    };
  }});
}

}  // namespace
}  // namespace mp::linearizability
