#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "client_lib/local/connection/hmac.h"
#include "mp/local/listener.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"

// A process is killed at any instruction, or at a random moment, of listening, or of connecting to
// a listener.

namespace mp::test {
namespace {

constexpr std::size_t kKills = 50;  // of thousands of instructions; each run begins at another one
constexpr int kRounds = kRandomKills / 8;

const Bytes kKey("secret");
const ListenerOptions kLocked{.authkey = kKey, .handshake_limit = None};
const ClientOptions kWithKey{.authkey = kKey};

class KilledAtAListener : public ProcessTest {};

// What a killed listener leaves.
void leave_dead_socket_at(const std::string& path) {
  ::unlink(path.c_str());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(socket);
}

// Accepts everybody until somebody says "stop".
void accept_until_told(const Listener& listener) {
  for (std::string said; said != "stop";) {
    try {
      said = listener.accept().recv<std::string>();
    } catch (const AuthenticationError&) {  // killed in the handshake
    } catch (const EOFError&) {             // killed after it
    } catch (const ConnectionError&) {      // or reset
    }
  }
}

// Children do `work`, which counts, and are killed at random moments of it.
void kill_at_random(
    const std::function<void(const RawValue<std::uint64_t>& done)>& work,
    const std::function<void()>& meanwhile = [] {}) {
  std::mt19937 random(7);
  const RawValue<std::uint64_t> done(0);
  for (int round = 0; round < kRounds; ++round) {
    Process child([&] { work(done); });
    const std::uint64_t enough = done.get() + 1 + random() % 5;
    child.start();
    while (done.get() < enough) {
      meanwhile();
      ::sched_yield();
    }
    for (auto spins = random() % 200'000; spins != 0; --spins) static_cast<void>(done.get());
    child.kill();
    child.join();
  }
}

TEST_F(KilledAtAListener, WhoTakesOverAFileLeavesItToBeTakenOver) {
  const Address address = Listener().address();
  KilledOperation taking_over;
  taking_over.most_kills = kKills;
  taking_over.prepare = [&] { leave_dead_socket_at(address.name()); };
  taking_over.operation = [&] { Listener{address}.close(); };
  taking_over.check = [&](bool) {
    const Listener listener(address);
    Client(address).send("hello");
    EXPECT_EQ(listener.accept().recv<std::string>(), "hello");
  };
  kill_at_any_instruction(taking_over);
  EXPECT_FALSE(std::filesystem::exists(address.name()));
}

TEST_F(KilledAtAListener, WhoConnectsLeavesItToOthers) {
  const Listener listener(Address::any(Family::kUnix), kLocked);
  std::optional<std::jthread> accepting;
  KilledOperation connecting;
  connecting.most_kills = kKills;
  // What OpenSSL does for the first time takes it very long.
  connecting.prepare = [&] { internal::hmac_sha256(kKey.view(), "first"); };
  connecting.operation = [&] { Client(listener.address(), kWithKey); };
  connecting.begin = [&](Victim&) { accepting.emplace([&] { accept_until_told(listener); }); };
  connecting.check = [&](bool) {
    Client(listener.address(), kWithKey).send("stop");
    accepting.reset();
  };
  kill_at_any_instruction(connecting);
}

TEST_F(KilledAtAListener, ClientsAtRandomMomentsLeaveItToOthers) {
  for (const Family family : {Family::kUnix, Family::kTcp}) {
    const Listener listener(Address::any(family), kLocked);
    std::jthread accepting([&] { accept_until_told(listener); });
    kill_at_random([&](const auto& done) {
      while (true) {
        Client(listener.address(), kWithKey);
        ++done;
      }
    });
    Client(listener.address(), kWithKey).send("stop");
  }
}

// The next one takes over the file each time.
TEST_F(KilledAtAListener, ListenersAtRandomMomentsAreAnErrorToTheirClientsAndNoWait) {
  const Address address = Listener().address();
  std::atomic<bool> is_over = false;
  std::atomic<int> refused = 0;
  std::optional<std::jthread> connecting;
  const auto connect_until_over = [&] {
    while (!is_over) {
      try {
        Client(address, kWithKey);
      } catch (const EOFError&) {  // killed in the handshake
        ++refused;
      } catch (const ConnectionError&) {  // before or after it
        ++refused;
      }
    }
  };
  kill_at_random(
      [&](const auto& done) {
        const Listener listener(address, kLocked);
        while (true) {
          try {
            listener.accept();
            ++done;
          } catch (const AuthenticationError&) {  // a client of the last round
          }
        }
      },
      [&] {
        if (!connecting) connecting.emplace(connect_until_over);
      });
  is_over = true;
  connecting.reset();
  EXPECT_GT(refused, 0);
  EXPECT_NO_THROW(Listener{address});
  EXPECT_FALSE(std::filesystem::exists(address.name()));
}

}  // namespace
}  // namespace mp::test
