#pragma once

#include <string>
#include <string_view>

// The two pieces of cryptography that the handshake takes from OpenSSL.

namespace mp::internal {

// RFC 2104 with SHA-256: 32 bytes. Errors: AuthenticationError if OpenSSL refuses.
std::string hmac_sha256(std::string_view key, std::string_view text);

// In a time that tells nothing of where they differ.
bool equal_secrets(std::string_view left, std::string_view right);

}  // namespace mp::internal
