#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"

namespace mp::contract {

// The ways to have a manager.
enum class Backend { kEmbedded, kStanding };

inline void PrintTo(Backend backend, std::ostream* out) {
  *out << (backend == Backend::kEmbedded ? "Embedded" : "Standing");
}

// A manager of each backend, and afterwards nothing of it left.
class Managers : public testing::TestWithParam<Backend> {
 protected:
  Manager& manager() { return *manager_; }
  // Another client of the same manager, as another program would be: its own session.
  Manager another() { return Manager::connect(manager_->address()); }

 private:
  std::unique_ptr<e2e::ManagerProcess> server_ =
      GetParam() == Backend::kStanding ? std::make_unique<e2e::ManagerProcess>() : nullptr;
  std::optional<Manager> manager_ = server_ == nullptr
                                        ? std::optional<Manager>(std::in_place)
                                        : Manager::connect("unix:" + server_->socket());
};

#define MP_CONTRACT(Suite)                                                                     \
  INSTANTIATE_TEST_SUITE_P(On, Suite, testing::Values(Backend::kEmbedded, Backend::kStanding), \
                           testing::PrintToStringParamName())

}  // namespace mp::contract
