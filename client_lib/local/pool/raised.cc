#include "mp/internal/raised.h"

#include <unistd.h>

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

#include "client_lib/local/pool/throw_trace.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/current_process.h"
#include "mp/internal/plain_bytes.h"
#include "mp/pool_errors.h"

namespace mp::internal {
namespace {

// A plain struct: its Codec is made of its fields.
struct Story {
  std::uint64_t type = 0;  // its place in KnownTypes
  Bytes type_name;
  Bytes what;
  Bytes process_name;
  int pid = 0;
  Bytes stack_trace;
  int code = 0;  // of a std::system_error
  bool is_system_code = false;
};

RaisedInWorker::Origin origin_of(const Story& story) {
  return {story.type_name.to_string(), story.process_name.to_string(), story.pid,
          story.stack_trace.to_string()};
}

std::error_code code_of(const Story& story) {
  return {story.code, story.is_system_code ? std::system_category() : std::generic_category()};
}

template <class E>
E base_of(const Story& story) {
  if constexpr (std::is_same_v<E, std::system_error>) {
    return std::system_error(code_of(story));
  } else if constexpr (std::is_constructible_v<E, std::string>) {
    return E(story.what.to_string());
  } else {
    return E();
  }
}

// An E that came from a worker.
template <class E>
class Raised final : public E, public RaisedInWorker {
 public:
  explicit Raised(const Story& story)
      : E(base_of<E>(story)), RaisedInWorker(origin_of(story)), what_(story.what.to_string()) {}

  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

template <class E>
bool is_a(const std::exception& error) {
  if constexpr (std::is_same_v<E, std::exception>) {
    return true;
  } else {
    return dynamic_cast<const E*>(&error) != nullptr;
  }
}

// What has a place of its own, bases after what derives from them.
template <class... E>
struct Types {
  static std::uint64_t place_of(const std::exception& error) {
    std::uint64_t place = 0;
    static_cast<void>(((is_a<E>(error) || (++place, false)) || ...));
    return place;
  }

  // Null if there is none.
  static std::exception_ptr make(const Story& story) {
    std::exception_ptr made;
    std::uint64_t place = 0;
    static_cast<void>(
        ((place++ == story.type && (made = std::make_exception_ptr(Raised<E>(story)), true)) ||
         ...));
    return made;
  }
};

using KnownTypes =
    Types<KeyError, IndexError, TypeError, AttributeError, OverflowError, ValueError, Empty, Full,
          ShutDown, WouldBlock, BrokenBarrierError, Cancelled, NotOwnerError, StaleTokenError,
          NoSuchObject, WrongKind, AlreadyExists, UnknownOperation, BadCommand, ConditionFailed,
          LimitExceeded, ManagerUnavailable, ManagerShutDown, OutcomeUnknown, SessionExpired,
          NoSession, RemoteError, ManagerError, SoftTimeLimitExceeded, TimeLimitExceeded,
          TimeoutError, MemoryError, AuthenticationError, ForkedClientError, PoolTerminated,
          PoolBroken, ProcessError, EOFError, ConnectionError, TaskError, MaybeEncodingError, Error,
          std::invalid_argument, std::domain_error, std::length_error, std::out_of_range,
          std::logic_error, std::system_error, std::range_error, std::overflow_error,
          std::underflow_error, std::runtime_error, std::bad_array_new_length, std::bad_alloc,
          std::bad_any_cast, std::bad_cast, std::bad_typeid, std::bad_function_call,
          std::bad_optional_access, std::bad_variant_access, std::bad_exception, std::exception>;

Story story_of(const std::exception& error) {
  Story story{.type = KnownTypes::place_of(error),
              .type_name = Bytes(readable_name(typeid(error))),
              .what = Bytes(std::string_view(error.what())),
              .process_name = {},
              .stack_trace = {}};
  // It has come further than from here.
  if (const auto* raised = dynamic_cast<const RaisedInWorker*>(&error))
    story.type_name = Bytes(raised->type_name());
  if (const auto* system = dynamic_cast<const std::system_error*>(&error)) {
    story.code = system->code().value();
    story.is_system_code = system->code().category() == std::system_category();
  }
  return story;
}

Story story_of_current_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return story_of(error);
  } catch (...) {
    const std::string text = describe(std::current_exception());
    Story story = story_of(TaskError("a task has thrown an " + text));
    story.type_name = Bytes(text);
    return story;
  }
}

}  // namespace

std::string pack_current_exception() {
  Story story = story_of_current_exception();
  story.process_name = Bytes(current_process().name());
  story.pid = ::getpid();
  story.stack_trace = Bytes(take_throw_trace());
  std::string bytes;
  write_plain(bytes, story);
  return bytes;
}

std::exception_ptr unpack_exception(std::string_view bytes) {
  const auto story = read_plain<Story>(bytes);
  std::exception_ptr error = KnownTypes::make(story);
  if (error) return error;
  throw ValueError("what should be an exception of another process is none");
}

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const RaisedInWorker& raised) {
    const auto* const known = dynamic_cast<const std::exception*>(&raised);
    return raised.type_name() + ": " + (known != nullptr ? known->what() : "");
  } catch (...) {
    return describe_current_exception();
  }
}

}  // namespace mp::internal
