#pragma once

namespace mp {

// The type of mp::None. Python: NoneType.
struct NoneType {
  // Explicit, so that `{}` never means None by accident.
  explicit constexpr NoneType() = default;
  friend constexpr bool operator==(NoneType, NoneType) { return true; }
};

// The value that says "no value". Python: None.
//
//   d["result"] = mp::None;
inline constexpr NoneType None{};

}  // namespace mp
