#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace mp::bench {

// What a ping says of the exchange; it fills the rest of its bytes with nothing. So the server
// needs no arguments, and a client measures frames of any size with it.
struct PingHeader {
  std::uint32_t request_bytes = 0;  // of the whole ping
  std::uint32_t reply_bytes = 0;    // of the pong that is wanted
};

// The least request of an exchange, and the most of either side.
inline constexpr std::size_t kLeastPing = sizeof(PingHeader);
inline constexpr std::size_t kMostPing = 64 << 10U;

}  // namespace mp::bench
