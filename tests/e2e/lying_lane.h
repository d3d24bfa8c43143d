#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/e2e/frame_client.h"
#include "tests/e2e/liar.h"
#include "tests/e2e/manager_process.h"
#include "tests/unit/engine/commands.h"

namespace mp::e2e {

// Clients that have rings in shared memory, and write into it what no client of ours does. The
// manager ends their connection, or answers as it would on the socket, and serves the others.
class LyingLane : public testing::Test {
 protected:
  LyingLane() {
    v1::Command create = server::engine_test::create_dict("d");
    create.set_seq(1);
    EXPECT_TRUE(good_.greet().has_welcome());
    good_.ask(create);
  }
  // Whatever came in: who behaves is served.
  ~LyingLane() override {
    v1::Command command = server::engine_test::set("d", "'k'", "1");
    command.set_seq(2);
    EXPECT_FALSE(good_.ask(command).has_error()) << manager_.log();
  }
  // Another connection of the same session: those of a process that lives do not end.
  std::unique_ptr<Liar> with_rings() const {
    auto liar = std::make_unique<Liar>(manager_.socket(), session_);
    liar->get_rings();
    return liar;
  }
  static std::string a_command() {
    v1::Command command = server::engine_test::set("d", "'k'", "1");
    command.set_seq(1);
    return frame_of(command);
  }

  ManagerProcess manager_;
  SocketClient good_{manager_.socket()};
  v1::Welcome session_ = SocketClient(manager_.socket()).greet().welcome();  // of the liars
};

}  // namespace mp::e2e
