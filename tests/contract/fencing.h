#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tests/contract/managers.h"

namespace mp::contract {

// A lock that is held, and a token of it that is over.
class Fencing : public Managers {
 protected:
  using Mutations = std::map<std::string, std::function<void()>>;

  Fencing() {
    lock.acquire();
    stale = lock.token();
    lock.release();
    lock.acquire();
  }
  template <class P>
  P late(const P& proxy) const {
    return proxy.fenced_by(lock, stale);
  }
  template <class P>
  P in_time(const P& proxy) const {
    return proxy.fenced_by(lock, lock.token());
  }
  static void expect_refused(const Mutations& mutations) {
    for (const auto& [name, mutation] : mutations)
      EXPECT_THROW(mutation(), StaleTokenError) << name;
  }

  LockProxy lock = manager().lock("fence");
  std::uint64_t stale = 0;
};

}  // namespace mp::contract
