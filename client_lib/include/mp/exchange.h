#pragma once

#include <optional>

namespace mp {

// What a compare_exchange() or an update_if() found and did.
template <class V>
struct Exchange {
  bool exchanged = false;
  std::optional<V> actual;  // what was there before; nullopt: nothing

  explicit operator bool() const { return exchanged; }
};

}  // namespace mp
