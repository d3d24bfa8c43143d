#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

namespace mp::contract {

// Longer than any healthy child takes.
inline constexpr std::chrono::seconds kLong{20};

// The exit code of a child that makes this call.
template <class... Given>
int exitcode_of(const Context& context, Given&&... given) {
  Process child = context.process(std::forward<Given>(given)...);
  child.start();
  if (!child.join(kLong)) child.kill();
  child.join();
  return child.exitcode().value();
}

// Every manager, and children of every start method.
class SentProxies : public Managers {
 protected:
  // The start methods whose children can use the manager: a forked one can't use gRPC.
  static std::vector<StartMethod> methods() {
    if (GetParam() == Backend::kInProcess) return {StartMethod::kSpawn, StartMethod::kForkserver};
    return get_all_start_methods();
  }

  template <class Test>
  static void by_each_method(const Test& test) {
    for (const StartMethod method : methods()) {
      SCOPED_TRACE(name_of(method));
      test(get_context(method));
    }
  }

  // What a manager is reached by from a child, beside the proxies that it is sent.
  std::string address() { return manager().address(); }
  static Lane lane() { return GetParam() == Backend::kInProcess ? Lane::kInProcess : Lane::kLocal; }
};

}  // namespace mp::contract
