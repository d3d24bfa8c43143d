#include <array>
#include <limits>
#include <random>
#include <set>
#include <string>

#include "tests/unit/engine/harness.h"

// Whatever runs from its bytes has the outcome that it has when it is parsed, and leaves the same
// behind: two managers get the same commands, one each way.

namespace mp::server::engine_test {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_);
  }
  v1::Value value() {
    v1::Value value;
    switch (below(11)) {
      case 0:
        value.set_none(v1::NONE);
        break;
      case 1:
        value.set_bool_(below(2) == 1);
        break;
      case 2:
      case 3:
      case 4:
        value.set_int_(number());
        break;
      case 5:
        value.set_float_(std::array{0.0, -0.0, 0.5, 1.0, std::numeric_limits<double>::quiet_NaN(),
                                    std::numeric_limits<double>::infinity()}[below(6)]);
        break;
      case 6:
        value.set_uint(std::numeric_limits<std::uint64_t>::max() - below(2));
        break;
      case 7:
        value.set_bytes(std::string(below(4), '\xff'));
        break;
      case 8:
        value.set_str(text());
        break;
      case 9:
        value.mutable_list()->add_items()->set_int_(1);
        break;
      default:
        break;  // of no kind: an error
    }
    return value;
  }
  std::int64_t number() {
    return std::array<std::int64_t, 8>{0,
                                       1,
                                       2,
                                       -1,
                                       -3,
                                       100,
                                       std::numeric_limits<int>::max(),
                                       std::numeric_limits<std::int64_t>::min()}[below(8)];
  }
  std::string text() {
    return std::array<std::string, 5>{"", "a", "sixteen letters.", "\u00e9",
                                      std::string(2000, 'x')}[below(5)];
  }
  v1::Arithmetic arithmetic() { return static_cast<v1::Arithmetic>(below(9)); }

 private:
  std::mt19937 engine_;
};

struct Ids {
  std::uint64_t dict, list, set, space, number, numbers, event;
};

Ids make_all(Client& client) {
  const auto made = [&client](const auto& fill) {
    v1::Command command;
    fill(command);
    return client.make(command);
  };
  return {
      .dict = client.make(create_dict("dict")),
      .list = client.make(create_list("list")),
      .set = made([](v1::Command& all) { all.mutable_set_create()->set_name("set"); }),
      .space = made([](v1::Command& all) { all.mutable_namespace_create()->set_name("space"); }),
      .number = made([](v1::Command& all) {
        all.mutable_shared_value_create()->set_name("number");
        all.mutable_shared_value_create()->set_typecode("q");
      }),
      .numbers = made([](v1::Command& all) {
        all.mutable_shared_array_create()->set_name("numbers");
        all.mutable_shared_array_create()->set_typecode("d");
        all.mutable_shared_array_create()->set_length(3);
      }),
      .event = made([](v1::Command& all) { all.mutable_event_create()->set_name("event"); }),
  };
}

// One that may run from its bytes, or could but for what it holds.
v1::Command any_command(Random& random, const Ids& ids) {
  v1::Command command;
  const auto of = [](auto* request, std::uint64_t id) {
    request->set_id(id);
    return request;
  };
  switch (random.below(17)) {
    case 0:
      *of(command.mutable_dict_get(), ids.dict)->mutable_key() = random.value();
      break;
    case 1: {
      auto* request = of(command.mutable_dict_set(), ids.dict);
      *request->mutable_key() = random.value();
      *request->mutable_value() = random.value();
      break;
    }
    case 2: {
      auto* request = of(command.mutable_dict_add(), ids.dict);
      *request->mutable_key() = random.value();
      *request->mutable_operand() = random.value();
      break;
    }
    case 3:
      of(command.mutable_list_get(), ids.list)->set_index(random.number());
      break;
    case 4: {
      auto* request = of(command.mutable_list_set(), ids.list);
      request->set_index(random.number());
      *request->mutable_value() = random.value();
      break;
    }
    case 5:
      *of(command.mutable_list_append(), ids.list)->mutable_value() = random.value();
      break;
    case 6:
      *of(command.mutable_set_add(), ids.set)->mutable_item() = random.value();
      break;
    case 7:
      *of(command.mutable_set_discard(), ids.set)->mutable_item() = random.value();
      break;
    case 8:
      *of(command.mutable_set_contains(), ids.set)->mutable_item() = random.value();
      break;
    case 9:
      of(command.mutable_namespace_get(), ids.space)->set_attribute(random.text());
      break;
    case 10: {
      auto* request = of(command.mutable_namespace_set(), ids.space);
      request->set_attribute(random.text());
      *request->mutable_value() = random.value();
      break;
    }
    case 11:
      of(command.mutable_shared_value_get(), ids.number);
      break;
    case 12:
      *of(command.mutable_shared_value_set(), ids.number)->mutable_value() = random.value();
      break;
    case 13: {
      auto* request = of(command.mutable_shared_value_update(), ids.number);
      request->set_operation(random.arithmetic());
      *request->mutable_operand() = random.value();
      break;
    }
    case 14:
      of(command.mutable_shared_array_get(), ids.numbers)->set_index(random.number());
      break;
    case 15: {
      auto* request = of(command.mutable_shared_array_update(), ids.numbers);
      request->set_index(random.number());
      request->set_operation(random.arithmetic());
      *request->mutable_operand() = random.value();
      break;
    }
    default: {
      auto* request = of(command.mutable_shared_array_set(), ids.numbers);
      request->set_index(random.number());
      *request->mutable_value() = random.value();
      break;
    }
  }
  return command;
}

class PlainKindsTest : public testing::Test {
 protected:
  // Runs it from its bytes, if that can be; returns whether it was.
  bool run_from_bytes(v1::Command command, std::uint64_t seq) {
    const v1::Command whole = command;
    command.set_seq(seq);
    command.set_owner(1);
    Deliveries deliveries;
    Origin origin{.session = from_bytes.session, .port = from_bytes.port};
    if (first.dispatcher.dispatch_plain(command.SerializeAsString(), origin, deliveries))
      return true;
    from_bytes.send_as(seq, whole);
    return false;
  }

  Manager first;
  Manager second;
  Client from_bytes{first};
  Client parsed{second};
};

TEST_F(PlainKindsTest, HaveTheOutcomesOfParsedCommands) {
  constexpr unsigned kSeed = 17;
  constexpr std::uint64_t kCommands = 20'000;
  const Ids ids = make_all(from_bytes);
  const Ids others = make_all(parsed);
  Random random(kSeed);
  Random again(kSeed);
  std::set<int> operations;
  for (std::uint64_t seq = 100; seq < 100 + kCommands; ++seq) {
    const v1::Command command = any_command(random, ids);
    if (run_from_bytes(command, seq)) operations.insert(command.operation_case());
    parsed.send_as(seq, any_command(again, others));
    const auto one = from_bytes.outcomes();
    const auto other = parsed.outcomes();
    ASSERT_EQ(one.size(), 1U);
    ASSERT_EQ(other.size(), 1U);
    ASSERT_EQ(one.front().SerializeAsString(), other.front().SerializeAsString())
        << "seed " << kSeed << ", " << command.ShortDebugString() << "\nfrom bytes "
        << one.front().ShortDebugString() << "\nparsed     " << other.front().ShortDebugString();
  }
  EXPECT_EQ(operations.size(), 17U) << "some never ran from their bytes";
}

TEST_F(PlainKindsTest, TellWhetherAnEventIsSet) {
  const Ids ids = make_all(from_bytes);
  v1::Command ask;
  ask.mutable_event_is_set()->set_id(ids.event);
  EXPECT_TRUE(run_from_bytes(ask, 100));
  EXPECT_FALSE(from_bytes.outcomes().front().event_is_set().set());
  v1::Command set;
  set.mutable_event_set()->set_id(ids.event);
  EXPECT_EQ(from_bytes.call(set), "done");
  EXPECT_TRUE(run_from_bytes(ask, 101));
  EXPECT_TRUE(from_bytes.outcomes().front().event_is_set().set());
}

}  // namespace
}  // namespace mp::server::engine_test
