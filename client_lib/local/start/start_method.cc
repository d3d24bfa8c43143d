#include "mp/start_method.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <string>

#include "client_lib/local/process/this_process.h"
#include "mp/errors.h"

namespace mp {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"fork", "spawn", "forkserver"};

}  // namespace

std::string_view name_of(StartMethod method) { return kNames.at(static_cast<std::size_t>(method)); }

std::ostream& operator<<(std::ostream& out, StartMethod method) { return out << name_of(method); }

StartMethod start_method_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    throw ValueError("there is no start method '" + std::string(name) +
                     "': it is fork, spawn or forkserver");
  }
  return static_cast<StartMethod>(found - kNames.begin());
}

void set_start_method(StartMethod method, Force force) {
  const internal::LockedProcess self;
  if (self->start_method_is_settled && force == Force::kNo) {
    throw ProcessError("cannot set the start method to " + std::string(name_of(method)) +
                       ": it was set, or used, as " + std::string(name_of(self->start_method)));
  }
  self->start_method = method;
  self->start_method_is_settled = true;
}

void set_start_method(std::string_view name, Force force) {
  set_start_method(start_method_named(name), force);
}

StartMethod get_start_method() { return internal::LockedProcess()->start_method; }

std::vector<StartMethod> get_all_start_methods() {
  return {StartMethod::kFork, StartMethod::kSpawn, StartMethod::kForkserver};
}

}  // namespace mp
