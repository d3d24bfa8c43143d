#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/register.h"

// Values, and the elements of an array: each is a register that starts with 0.

namespace mp::linearizability {
namespace {

constexpr int kNumbers = 5;

using Long = std::int64_t;

MP_HISTORIES(ValueHistories);

Result exchanged(bool done, Long actual) {
  return {.outcome = done ? Outcome::kDone : Outcome::kRefused, .value = actual};
}

void step(Client& client, const ValueProxy<Long>& value, int object) {
  const Long number = client.unique();
  switch (client.any(6)) {
    case 0:
      client.run(object, Code::kGet, [&] { return value.get(); });
      break;
    case 1:
      client.run(object, Code::kSet, number, [&] { value.set(number); });
      break;
    case 2:
      client.run(object, Code::kAdd, number, [&] { return value.add(number); });
      break;
    case 3:
      client.run(object, Code::kFetchAdd, number, [&] { return value.fetch_add(number); });
      break;
    case 4:
      client.run(object, Code::kExchange, number, [&] { return value.exchange(number); });
      break;
    default: {
      const Long seen = client.run(object, Code::kGet, [&] { return value.get(); }).value;
      client.run(object, Code::kCompareExchange, seen, number, [&] {
        Long expected = seen;
        const bool done = value.compare_exchange(expected, number);
        return exchanged(done, expected);
      });
    }
  }
}

TEST_P(ValueHistories, AreThoseOfARegister) {
  const auto values_of = [](const Client& client) {
    std::vector<ValueProxy<Long>> values;
    for (int i = 0; i < kNumbers; ++i)
      values.push_back(client.manager().value<Long>("v" + std::to_string(i)));
    return values;
  };
  check_histories<Number>({
      .work = [=](Client& client) -> Plan::Step {
        return [&client, values = values_of(client)] {
          const int object = client.any(kNumbers);
          step(client, values[static_cast<std::size_t>(object)], object);
        };
      },
      .finish =
          [=](Client& client, const Happened&) {
            int object = 0;
            for (const auto& value : values_of(client))
              client.run(object++, Code::kGet, [&] { return value.get(); });
          },
  });
}

MP_HISTORIES(ArrayHistories);

TEST_P(ArrayHistories, AreThoseOfARegisterForEachElement) {
  check_histories<Number>({.work = [](Client& client) -> Plan::Step {
    return [&client, array = client.manager().array<Long>("a", kNumbers)] {
      const int object = client.any(kNumbers);
      const Long number = client.unique();
      switch (client.any(4)) {
        case 0:
          client.run(object, Code::kGet, [&] { return array.get(object); });
          break;
        case 1:
          client.run(object, Code::kFetchAdd, number,
                     [&] { return array.fetch_add(object, number); });
          break;
        case 2:
          client.run(object, Code::kExchange, number,
                     [&] { return array.exchange(object, number); });
          break;
        default: {
          const Long seen = client.run(object, Code::kGet, [&] { return array.get(object); }).value;
          client.run(object, Code::kCompareExchange, seen, number, [&] {
            Long expected = seen;
            const bool done = array.compare_exchange(object, expected, number);
            return exchanged(done, expected);
          });
        }
      }
    };
  }});
}

}  // namespace
}  // namespace mp::linearizability
