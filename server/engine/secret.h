#pragma once

#include <string>
#include <string_view>

namespace mp::server {

// 128 bits from the kernel's generator.
std::string random_secret();

// Are they the same? Takes a time that depends on the length of `shown` alone, and so tells nothing
// of how much was right.
bool same_secret(std::string_view shown, std::string_view secret);

}  // namespace mp::server
