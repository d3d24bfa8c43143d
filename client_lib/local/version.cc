#include "mp/version.h"

#define MP_TEXT_OF(number) #number
#define MP_VERSION_TEXT(major, minor, patch) \
  MP_TEXT_OF(major) "." MP_TEXT_OF(minor) "." MP_TEXT_OF(patch)

namespace mp {

const char* library_version() {
  return MP_VERSION_TEXT(MP_VERSION_MAJOR, MP_VERSION_MINOR, MP_VERSION_PATCH);
}

}  // namespace mp
