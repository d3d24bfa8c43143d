#include "client_lib/local/connection/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "mp/errors.h"

namespace mp::internal {

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // A null key would be none, where the empty one is meant.
  const char* bytes = key.empty() ? "" : key.data();
  const unsigned char* made =
      ::HMAC(::EVP_sha256(), bytes, static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             reinterpret_cast<unsigned char*>(digest.data()), &size);
  if (made == nullptr) throw AuthenticationError("OpenSSL makes no HMAC-SHA256");
  digest.resize(size);
  return digest;
}

bool equal_secrets(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         ::CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace mp::internal
