#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"

namespace mp::contract {

// The ways to have a manager.
enum class Backend { kEmbedded, kStanding, kShared, kRelayed, kInProcess };

inline void PrintTo(Backend backend, std::ostream* out) {
  constexpr const char* kNames[] = {"Embedded", "Standing", "Shared", "Relayed", "InProcess"};
  *out << kNames[static_cast<int>(backend)];
}

// A manager of each backend, and afterwards nothing of it left.
class Managers : public testing::TestWithParam<Backend> {
 protected:
  Manager& manager() { return *manager_; }
  // Another client of the same manager, as another program would be: its own session.
  Manager another() {
    return GetParam() == Backend::kEmbedded ? Manager::connect(manager_->address()) : connect();
  }

 private:
  using Server = std::unique_ptr<e2e::ManagerProcess>;

  Manager connect() {
    switch (GetParam()) {
      case Backend::kEmbedded:
        return Manager();
      case Backend::kStanding:
        return Manager::connect("unix:" + server_->socket());
      case Backend::kShared:  // a standing one, through shared memory from the first command on
        return Manager::connect("unix:" + server_->socket(), {.lane = Lane::kShared});
      case Backend::kRelayed:
        return Manager::connect("unix:" + relay_->socket());
      case Backend::kInProcess:
        break;
    }
    return Manager::connect(server_->address(), {.lane = Lane::kInProcess});
  }

  Server server_ =
      GetParam() == Backend::kEmbedded ? nullptr : std::make_unique<e2e::ManagerProcess>();
  Server relay_ = GetParam() == Backend::kRelayed
                      ? std::make_unique<e2e::ManagerProcess>(
                            std::vector<std::string>{"--relay", server_->address()})
                      : nullptr;
  std::optional<Manager> manager_ = connect();
};

// For tests whose children use the manager.
#define MP_NEEDS_FORK()                  \
  if (GetParam() == Backend::kInProcess) \
  GTEST_SKIP() << "forked children can't use the in-process lane (tests/e2e says what they get)"

#define MP_CONTRACT(Suite)                                                                         \
  INSTANTIATE_TEST_SUITE_P(                                                                        \
      On, Suite,                                                                                   \
      testing::Values(Backend::kEmbedded, Backend::kStanding, Backend::kShared, Backend::kRelayed, \
                      Backend::kInProcess),                                                        \
      testing::PrintToStringParamName())

}  // namespace mp::contract
