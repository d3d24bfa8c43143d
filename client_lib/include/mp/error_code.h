#pragma once

#include <cstdint>

namespace mp {

// The stable meanings of failure, as they travel (mp.v1.Code has the same numbers). Programs catch
// the exception types of mp/errors.h; the numbers are for logs, tools and tests.
enum class ErrorCode : std::uint32_t {
  kUnspecified = 0,

  kKeyError = 1,
  kIndexError = 2,
  kValueError = 3,
  kTypeError = 4,
  kAttributeError = 5,
  kOverflowError = 6,
  kRuntimeError = 7,

  kEmpty = 10,
  kFull = 11,
  kShutDown = 12,
  kTimeout = 13,
  kWouldBlock = 14,
  kBrokenBarrier = 15,

  kNotOwner = 20,
  kStaleToken = 21,
  kDeadlock = 22,

  kNoSuchObject = 30,
  kWrongKind = 31,
  kAlreadyExists = 32,
  kUnknownType = 33,
  kRaised = 34,

  kNoSession = 40,
  kSessionExpired = 41,
  kBadSecret = 42,
  kCancelled = 43,

  kBadCommand = 50,
  kUnknownOperation = 51,
  kConditionFailed = 52,
  kLimitExceeded = 53,

  kManagerShutDown = 60,
  kUnauthenticatedClient = 61,
  kInternal = 62,
  kManagerUnavailable = 63,
};

}  // namespace mp
