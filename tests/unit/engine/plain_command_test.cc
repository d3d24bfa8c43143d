#include <string>

#include "tests/unit/engine/harness.h"

// Commands that run from their bytes, as those of a connection do: the same becomes of them as of
// those that are parsed.

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlainCommandTest : public testing::Test {
 protected:
  static std::string bytes_of(v1::Command command, std::uint64_t seq) {
    command.set_seq(seq);
    command.set_owner(1);
    return command.SerializeAsString();
  }

  // Whether it ran from its bytes.
  bool send_plain(std::uint64_t seq, const v1::Command& command) {
    Deliveries deliveries;
    Origin origin{.session = client.session, .port = client.port};
    return manager.dispatcher.dispatch_plain(bytes_of(command, seq), origin, deliveries);
  }
  // What became of it, as text.
  std::string plain(const v1::Command& command) {
    if (!send_plain(++last_seq_, command)) return "not plain";
    const auto arrived = client.outcomes();
    EXPECT_EQ(arrived.size(), 1U);
    EXPECT_EQ(arrived.front().seq(), last_seq_);
    return text(arrived.front());
  }

  Manager manager;
  Client other{manager};
  Client client{manager};
  const std::uint64_t dict = other.make(create_dict("d"));
  const std::uint64_t list = other.make(create_list("l"));

 private:
  std::uint64_t last_seq_ = 1000;
};

TEST_F(PlainCommandTest, EveryPlainValueIsStoredAndFoundAsItCame) {
  for (const char* value :
       {"None", "True", "False", "0", "-1", "9223372036854775807", "''", "'alice'",
        "'a text that does not fit into 16 bytes'", "b'\\x00\\xff'"}) {
    EXPECT_EQ(plain(set(dict, value, value)), other.call(set(dict, "'as usual'", value)));
    EXPECT_EQ(other.call(get(dict, value)), value);
    EXPECT_EQ(plain(get(dict, value)), value);
    EXPECT_EQ(plain(append(list, value)), other.call(append(list, value)));
  }
}

TEST_F(PlainCommandTest, SumsMayBeOfEveryNumber) {
  other.call(set(dict, "'float'", "0.5"));
  EXPECT_EQ(plain(add(dict, "'float'", 1)), "1.5");
  EXPECT_EQ(plain(get(dict, "'float'")), "1.5");
  EXPECT_EQ(plain(add(dict, "'new'", -3)), "-3");
  EXPECT_EQ(plain(add(dict, "'new'", 4)), "1");
  EXPECT_EQ(other.call(get(dict, "'new'")), "1");
  other.call(set(dict, "'uint'", "18446744073709551615"));
  EXPECT_EQ(plain(get(dict, "'uint'")), "18446744073709551615");
}

TEST_F(PlainCommandTest, FailuresAreThoseOfTheParsedCommand) {
  other.call(set(dict, "'text'", "'t'"));
  EXPECT_EQ(plain(get(dict, "'absent'")), "KEY_ERROR");
  EXPECT_EQ(plain(add(dict, "'text'", 1)), "TYPE_ERROR");
  EXPECT_EQ(plain(get(list, "'k'")), "WRONG_KIND");
  EXPECT_EQ(plain(get(dict + 64, "'k'")), "NO_SUCH_OBJECT");
}

TEST_F(PlainCommandTest, WhatIsNotPlainIsLeftToTheParser) {
  other.call(set(dict, "'list'", "[1]"));
  EXPECT_EQ(plain(get(dict, "'list'")), "not plain");  // found when it has begun: nothing happened
  EXPECT_EQ(plain(get("d", "'k'")), "not plain");
  EXPECT_EQ(plain(get(dict, "0.0")), "not plain");  // which is -0.0, too
  EXPECT_EQ(plain(set(dict, "'k'", "[1]")), "not plain");
  EXPECT_EQ(plain(set(dict, "'k'", "'\u00e9'")), "not plain");
  EXPECT_EQ(plain(length(dict)), "not plain");
  EXPECT_EQ(plain(fenced(get(dict, "'k'"), "L", 1)), "not plain");
  EXPECT_THAT(client.outcomes(), IsEmpty());
  EXPECT_EQ(other.call(get(dict, "'k'")), "KEY_ERROR");
}

TEST_F(PlainCommandTest, BrokenBytesAreLeftToTheParser) {
  const std::string whole = bytes_of(set(dict, "'key'", "'value'"), 7);
  Deliveries deliveries;
  Origin origin{.session = client.session, .port = client.port};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(manager.dispatcher.dispatch_plain(whole.substr(0, size), origin, deliveries));
  }
  // A text of more bytes than there are, whose rest would be an int.
  v1::Command command = set(dict, "'key'", "'value'");
  std::string broken = bytes_of(command, 7);
  broken.replace(broken.size() - 7, 7, std::string("\x32\x7f\x18\x02\x18\x02\x18", 7));
  EXPECT_FALSE(manager.dispatcher.dispatch_plain(broken, origin, deliveries));
  EXPECT_THAT(client.outcomes(), IsEmpty());
}

TEST_F(PlainCommandTest, AMutationThatIsSentAgainRunsOnceHoweverItIsRun) {
  EXPECT_TRUE(send_plain(7, add(dict, "'k'", 1)));
  EXPECT_TRUE(send_plain(7, add(dict, "'k'", 1)));
  client.send_as(7, add(dict, "'k'", 1));
  EXPECT_THAT(client.outcomes(), ElementsAre(Returns(7, 1), Returns(7, 1), Returns(7, 1)));
  EXPECT_EQ(other.call(get(dict, "'k'")), "1");
}

TEST_F(PlainCommandTest, AnOutcomeThatIsTooLargeIsRefused) {
  Limits limits;
  limits.max_message_bytes = 100;
  Manager small(limits);
  Client its(small);
  const std::uint64_t id = its.make(create_dict("d"));
  its.call(set(id, "'k'", "'" + std::string(60, 'x') + "'"));
  v1::Command grow = set(id, "'k'", "'" + std::string(80, 'y') + "'");
  Deliveries deliveries;
  Origin origin{.session = its.session, .port = its.port};
  EXPECT_TRUE(small.dispatcher.dispatch_plain(bytes_of(grow, 98), origin, deliveries));
  EXPECT_TRUE(small.dispatcher.dispatch_plain(bytes_of(get(id, "'k'"), 99), origin, deliveries));
  EXPECT_THAT(its.outcomes(), ElementsAre(Done(98), Done(99)));
  grow = set(id, "'k'", "'" + std::string(99, 'y') + "'");
  EXPECT_TRUE(small.dispatcher.dispatch_plain(bytes_of(grow, 100), origin, deliveries));
  EXPECT_TRUE(small.dispatcher.dispatch_plain(bytes_of(get(id, "'k'"), 101), origin, deliveries));
  EXPECT_THAT(its.outcomes(), ElementsAre(Done(100), Fails(101, v1::LIMIT_EXCEEDED)));
}

TEST_F(PlainCommandTest, AfterItsSessionHasEndedItIsRefused) {
  client.end();
  EXPECT_EQ(plain(get(dict, "'k'")), "SESSION_EXPIRED");
}

}  // namespace
}  // namespace mp::server::engine_test
