#pragma once

// The version of these headers, which is the project's: CMakeLists.txt reads it from here. Which
// versions go together is said in docs/sdk.md.
//
//   #if MP_VERSION_NUMBER >= 10200  // 1.2.0 or newer

// NOLINTBEGIN(modernize-macro-to-enum): an #if knows no enumerator
#define MP_VERSION_MAJOR 0
#define MP_VERSION_MINOR 1
#define MP_VERSION_PATCH 0
// NOLINTEND(modernize-macro-to-enum)
#define MP_VERSION_NUMBER (MP_VERSION_MAJOR * 10000 + MP_VERSION_MINOR * 100 + MP_VERSION_PATCH)

namespace mp {

// The version of the library that this program runs with, as text: "0.1.0". With shared libraries
// it may be newer than the headers that the program was compiled with.
//
// Thread-safety: any thread, at any time.
const char* library_version();

}  // namespace mp
