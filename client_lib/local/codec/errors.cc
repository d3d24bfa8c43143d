#include "mp/errors.h"

#include <utility>

namespace mp::internal {

void throw_error(ErrorCode code, const std::string& message, ErrorDetails details) {
  switch (code) {
    case ErrorCode::kKeyError:
      throw KeyError(message);
    case ErrorCode::kIndexError:
      throw IndexError(message);
    case ErrorCode::kValueError:
      throw ValueError(message);
    case ErrorCode::kTypeError:
      throw TypeError(message);
    case ErrorCode::kAttributeError:
      throw AttributeError(message);
    case ErrorCode::kOverflowError:
      throw OverflowError(message);
    case ErrorCode::kRuntimeError:
      throw RuntimeError(message);
    case ErrorCode::kEmpty:
      throw Empty(message);
    case ErrorCode::kFull:
      throw Full(message);
    case ErrorCode::kShutDown:
      throw ShutDown(message);
    case ErrorCode::kTimeout:
      throw TimeoutError(message);
    case ErrorCode::kWouldBlock:
      throw WouldBlock(message);
    case ErrorCode::kBrokenBarrier:
      throw BrokenBarrierError(message);
    case ErrorCode::kNotOwner:
      throw NotOwnerError(message);
    case ErrorCode::kStaleToken:
      throw StaleTokenError(message);
    case ErrorCode::kDeadlock:
      throw DeadlockError(message, std::move(details.cycle));
    case ErrorCode::kNoSuchObject:
      throw NoSuchObject(message);
    case ErrorCode::kWrongKind:
      throw WrongKind(message);
    case ErrorCode::kAlreadyExists:
      throw AlreadyExists(message);
    case ErrorCode::kUnknownType:
      throw UnknownType(message);
    case ErrorCode::kRaised:
      throw MethodError(message, std::move(details.exception));
    case ErrorCode::kNoSession:
      throw NoSession(message);
    case ErrorCode::kSessionExpired:
      throw SessionExpired(message);
    case ErrorCode::kCancelled:
      throw Cancelled(message);
    case ErrorCode::kBadCommand:
      throw BadCommand(message);
    case ErrorCode::kUnknownOperation:
      throw UnknownOperation(message);
    case ErrorCode::kConditionFailed:
      throw ConditionFailed(message);
    case ErrorCode::kLimitExceeded:
      throw LimitExceeded(message);
    case ErrorCode::kManagerShutDown:
      throw ManagerShutDown(message);
    case ErrorCode::kManagerUnavailable:
      throw ManagerUnavailable(message);
    case ErrorCode::kBadSecret:
    case ErrorCode::kUnauthenticatedClient:
      throw AuthenticationError(message);
    case ErrorCode::kInternal:
    case ErrorCode::kUnspecified:
      break;
  }
  throw RemoteError(
      message);  // also for a code that a newer manager has and this library does not know
}

}  // namespace mp::internal
