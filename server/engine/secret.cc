#include "server/engine/secret.h"

#include <sys/random.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace mp::server {

std::string random_secret() {
  std::string secret(16, '\0');
  // Up to 256 bytes come whole, once the generator is seeded.
  while (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
    if (errno != EINTR) std::abort();
  }
  return secret;
}

bool same_secret(std::string_view shown, std::string_view secret) {
  unsigned difference = shown.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < shown.size() && !secret.empty(); ++i) {
    difference |= static_cast<unsigned char>(shown[i] ^ secret[i % secret.size()]);
  }
  return difference == 0;
}

}  // namespace mp::server
