#include "client_lib/local/connection/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "mp/errors.h"
#include "mp/local/connection.h"

// The handshake with itself, and with others that speak it well or badly.

namespace mp::internal {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Ne;
using testing::StartsWith;

constexpr std::string_view kKey = "secret";
constexpr std::string_view kProved = "proved";

// What comes of it for one side.
std::string outcome(int fd, Role role, std::string_view key, Deadline deadline = std::nullopt) {
  try {
    authenticate(fd, role, key, deadline, "shake hands");
    return std::string(kProved);
  } catch (const AuthenticationError& error) {
    return std::string("AuthenticationError ") + error.what();
  } catch (const TimeoutError& error) {
    return std::string("TimeoutError ") + error.what();
  } catch (const EOFError& error) {
    return std::string("EOFError ") + error.what();
  } catch (const ConnectionError& error) {
    return std::string("ConnectionError ") + error.what();
  }
}

class Handshakes : public testing::Test {
 protected:
  Handshakes() : Handshakes(pair()) {}

  // Of listener and client.
  std::pair<std::string, std::string> outcomes(std::string_view listeners,
                                               std::string_view clients) {
    auto client = std::async(
        std::launch::async, [&, this] { return outcome(there_.fileno(), Role::kClient, clients); });
    std::string listener = outcome(here_.fileno(), Role::kListener, listeners);
    return {std::move(listener), client.get()};
  }

  std::string outcome_here(Role role, Deadline deadline = std::nullopt) {
    return outcome(here_.fileno(), role, kKey, deadline);
  }

  Connection here_;
  Connection there_;  // of the other side, where a test speaks for it

 private:
  explicit Handshakes(std::pair<int, int> ends) : here_(ends.first), there_(ends.second) {}

  static std::pair<int, int> pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw std::runtime_error("no socket pair");
    }
    return {ends[0], ends[1]};
  }
};

TEST_F(Handshakes, OfTheSameKeyProveIt) {
  EXPECT_EQ(outcomes(kKey, kKey), std::pair(std::string(kProved), std::string(kProved)));
}

TEST_F(Handshakes, LeaveTheConnectionAtTheFirstMessageOfTheProgram) {
  outcomes(kKey, kKey);
  here_.send("from the listener");
  there_.send("from the client");
  EXPECT_EQ(here_.recv<std::string>(), "from the client");
  EXPECT_EQ(there_.recv<std::string>(), "from the listener");
}

TEST_F(Handshakes, OfOtherKeysFailOnBothSides) {
  const auto [listener, client] = outcomes(kKey, "Secret");
  EXPECT_THAT(listener, AllOf(StartsWith("AuthenticationError"), HasSubstr("has another authkey")));
  EXPECT_THAT(client, AllOf(StartsWith("AuthenticationError"), EndsWith("sent was rejected")));
}

TEST_F(Handshakes, OfTheEmptyKeyProveItToo) { EXPECT_EQ(outcomes("", "").second, kProved); }

TEST_F(Handshakes, TellTheEmptyKeyFromOthers) {
  EXPECT_THAT(outcomes(kKey, "").first, StartsWith("AuthenticationError"));
}

TEST(HandshakeAnswer, IsPythons) {
  const std::string answer = answer_to("{sha256}ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh", kKey);
  std::string hex;
  for (const char byte : answer.substr(8)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(byte) >> 4U];
    hex += kDigits[static_cast<unsigned char>(byte) & 0xFU];
  }
  EXPECT_THAT(answer, StartsWith("{sha256}"));
  EXPECT_EQ(hex, "ed1429214b26e0d1c5ac472897ce8eceb618eebc3a8efe496b2b1499b444faa4");
}

TEST(HandshakeChallenge, IsNeverTheSame) {
  EXPECT_THAT(new_challenge(Role::kListener), Ne(new_challenge(Role::kListener)));
}

TEST_F(Handshakes, RefuseADigestOfAnEarlierPython) {
  there_.send_bytes(std::string(16, 'x'));  // as long as MD5's
  EXPECT_THAT(outcome_here(Role::kListener), HasSubstr("the digest that came is wrong"));
  EXPECT_THAT(there_.recv_bytes().to_string(), StartsWith("#CHALLENGE#{sha256}"));
  EXPECT_EQ(there_.recv_bytes(), Bytes("#FAILURE#"));
}

TEST_F(Handshakes, RefuseTheRightDigestOfAnotherText) {
  there_.send_bytes(answer_to(new_challenge(Role::kListener), kKey));
  EXPECT_THAT(outcome_here(Role::kListener), StartsWith("AuthenticationError"));
}

TEST_F(Handshakes, RefuseAChallengeOfTheirOwnRole) {
  there_.send_bytes("#CHALLENGE#" + new_challenge(Role::kClient));
  EXPECT_THAT(outcome_here(Role::kClient), EndsWith("is one of our own"));
}

TEST_F(Handshakes, RefuseAChallengeOfAnotherDigest) {
  there_.send_bytes("#CHALLENGE#{md5}" + std::string(40, 'x'));
  EXPECT_THAT(outcome_here(Role::kClient), HasSubstr("another digest"));
}

TEST_F(Handshakes, RefuseAChallengeThatIsTooShort) {
  there_.send_bytes("#CHALLENGE#{sha256}" + std::string(19, 'x'));
  EXPECT_THAT(outcome_here(Role::kClient), EndsWith("too short"));
}

TEST_F(Handshakes, RefuseWhatIsNoChallenge) {
  there_.send_bytes("something bogus");
  EXPECT_THAT(outcome_here(Role::kClient), EndsWith("is no challenge"));
}

TEST_F(Handshakes, RefuseAVerdictThatIsNoWelcome) {
  there_.send_bytes("#CHALLENGE#" + new_challenge(Role::kListener));
  there_.send_bytes("something bogus");
  EXPECT_THAT(outcome_here(Role::kClient), EndsWith("the digest sent was rejected"));
}

TEST_F(Handshakes, RefuseALongMessageUnread) {
  there_.send_bytes(std::string(257, 'x'));
  EXPECT_THAT(outcome_here(Role::kClient), HasSubstr("longer than any message of a handshake"));
}

TEST_F(Handshakes, RefuseBytesThatAreNoMessage) {
  ASSERT_EQ(::send(there_.fileno(), "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL), 16);
  EXPECT_THAT(outcome_here(Role::kListener), HasSubstr("longer than any message of a handshake"));
}

TEST_F(Handshakes, EndWhereTheOtherSideIsGone) {
  there_.close();
  EXPECT_THAT(outcome_here(Role::kClient), StartsWith("EOFError cannot shake hands: "));
}

TEST_F(Handshakes, EndWhereTheOtherSideIsGoneWithinAMessage) {
  ASSERT_EQ(::send(there_.fileno(), "\0\0\0", 3, MSG_NOSIGNAL), 3);
  there_.close();
  EXPECT_THAT(outcome_here(Role::kClient), StartsWith("ConnectionError"));
}

TEST_F(Handshakes, EndAtTheDeadline) {
  EXPECT_THAT(outcome_here(Role::kListener, deadline_after(1ms)), StartsWith("TimeoutError"));
}

}  // namespace
}  // namespace mp::internal
