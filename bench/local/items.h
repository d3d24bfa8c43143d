#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace mp::bench {

// The same with every system.
inline constexpr std::size_t kSmallItems = 1000;  // a queue holds at most so many
inline constexpr std::size_t kLargeItems = 16;
inline const std::string kKilobyte(1024, 'x');
inline const std::string kMegabyte(std::size_t{1} << 20U, 'x');
inline constexpr std::string_view kMessage = "thirty-two bytes there and back.";

template <class Once>
void for_so_long(double seconds, Once&& once) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) once();
}

}  // namespace mp::bench
