#pragma once

#include <string>
#include <string_view>

// Functions by a name that holds in every process of the same program: the build id of the file
// that they were linked into, and how far they are from where it was loaded.

namespace mp::internal {

// Errors: ProcessError if no file that was loaded holds this address, or if it has no build id.
std::string encode_code(const void* code);

// Errors: ProcessError if this process has not loaded that very build.
const void* decode_code(std::string_view encoded);

template <class Function>
std::string encode_function(Function* function) {
  return encode_code(reinterpret_cast<const void*>(function));
}

template <class Function>
Function* decode_function(std::string_view encoded) {
  return reinterpret_cast<Function*>(const_cast<void*>(decode_code(encoded)));
}

}  // namespace mp::internal
