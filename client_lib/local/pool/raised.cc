#include "mp/internal/raised.h"

#include <unistd.h>

#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <new>
#include <optional>
#include <regex>
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
  int code = 0;              // of what has one
  std::size_t category = 0;  // its place in kCategories; behind them: its name tells
  Bytes category_name;
  Bytes path1;  // of a std::filesystem::filesystem_error
  Bytes path2;
  Bytes exception;  // of a MethodError: what its method threw
  Deadlock cycle;   // of a DeadlockError
};

RaisedInWorker::Origin origin_of(const Story& story) {
  return {story.type_name.to_string(), story.process_name.to_string(), story.pid,
          story.stack_trace.to_string()};
}

constexpr std::array kCategories = {&std::generic_category, &std::system_category,
                                    &std::iostream_category, &std::future_category};

// One of which only the name has come along.
class NamedCategory final : public std::error_category {
 public:
  NamedCategory(std::string name, const NamedCategory* next)
      : name_(std::move(name)), next_(next) {}

  const char* name() const noexcept override { return name_.c_str(); }
  std::string message(int code) const override {
    return "error " + std::to_string(code) + " of category '" + name_ + "'";
  }

  // They stay, as categories do, in a list to which any thread may add. No lock is needed, so none
  // can be lost in a fork.
  static const NamedCategory& of(const std::string& name) {
    static std::atomic<const NamedCategory*> first = nullptr;
    const NamedCategory* known = first.load(std::memory_order_acquire);
    for (;;) {
      for (const auto* category = known; category != nullptr; category = category->next_) {
        if (category->name_ == name) return *category;
      }
      auto made = std::make_unique<const NamedCategory>(name, known);
      if (first.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
        return *made.release();
    }
  }

 private:
  const std::string name_;
  const NamedCategory* const next_;
};

std::error_code code_of(const Story& story) {
  if (story.category < kCategories.size()) return {story.code, kCategories.at(story.category)()};
  return {story.code, NamedCategory::of(story.category_name.to_string())};
}

void put_code(Story& story, const std::error_code& code) {
  story.code = code.value();
  const auto* const place = std::ranges::find_if(
      kCategories, [&](const auto category) { return category() == code.category(); });
  story.category = static_cast<std::size_t>(place - kCategories.begin());
  story.category_name = Bytes(std::string_view(code.category().name()));
}

template <class E>
E base_of(const Story& story) {
  if constexpr (std::is_same_v<E, std::filesystem::filesystem_error>) {
    return E(story.what.to_string(), story.path1.to_string(), story.path2.to_string(),
             code_of(story));
  } else if constexpr (std::is_same_v<E, std::ios_base::failure>) {
    return E(story.what.to_string(), code_of(story));
  } else if constexpr (std::is_same_v<E, std::system_error>) {
    return E(code_of(story));
  } else if constexpr (std::is_same_v<E, std::future_error>) {
    return E(static_cast<std::future_errc>(story.code));
  } else if constexpr (std::is_same_v<E, std::regex_error>) {
    return E(static_cast<std::regex_constants::error_type>(story.code));
  } else if constexpr (std::is_same_v<E, MethodError>) {
    return E(story.what.to_string(), story.exception.to_string());
  } else if constexpr (std::is_same_v<E, DeadlockError>) {
    return E(story.what.to_string(), story.cycle);
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
          RuntimeError, DeadlockError, MethodError, UnknownType, NoSuchObject, WrongKind,
          AlreadyExists, UnknownOperation, BadCommand, ConditionFailed, LimitExceeded,
          ManagerUnavailable, ManagerShutDown, OutcomeUnknown, SessionExpired, NoSession,
          RemoteError, ManagerError, SoftTimeLimitExceeded, TimeLimitExceeded, TimeoutError,
          MemoryError, AuthenticationError, ForkedClientError, PoolTerminated, PoolBroken,
          ProcessError, EOFError, ConnectionError, TaskError, MaybeEncodingError, Error,
          std::invalid_argument, std::domain_error, std::length_error, std::out_of_range,
          std::future_error, std::logic_error, std::filesystem::filesystem_error,
          std::ios_base::failure, std::system_error, std::range_error, std::overflow_error,
          std::underflow_error, std::regex_error, std::runtime_error, std::bad_array_new_length,
          std::bad_alloc, std::bad_any_cast, std::bad_cast, std::bad_typeid, std::bad_function_call,
          std::bad_optional_access, std::bad_variant_access, std::bad_weak_ptr, std::bad_exception,
          std::exception>;

void put_details(Story& story, const std::exception& error) {
  if (const auto* system = dynamic_cast<const std::system_error*>(&error))
    put_code(story, system->code());
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
    story.path1 = Bytes(file->path1().native());
    story.path2 = Bytes(file->path2().native());
  }
  if (const auto* future = dynamic_cast<const std::future_error*>(&error))
    put_code(story, future->code());
  if (const auto* method = dynamic_cast<const MethodError*>(&error))
    story.exception = Bytes(method->type_name());
  if (const auto* deadlock = dynamic_cast<const DeadlockError*>(&error))
    story.cycle = deadlock->cycle();
  if (const auto* regex = dynamic_cast<const std::regex_error*>(&error))
    story.code = static_cast<int>(regex->code());
}

Story story_of(const std::exception& error) {
  Story story{.type = KnownTypes::place_of(error),
              .type_name = Bytes(readable_name(typeid(error))),
              .what = Bytes(std::string_view(error.what())),
              .process_name = {},
              .stack_trace = {},
              .category_name = {},
              .path1 = {},
              .path2 = {},
              .exception = {},
              .cycle = {}};
  // It has come further than from here.
  if (const auto* raised = dynamic_cast<const RaisedInWorker*>(&error))
    story.type_name = Bytes(raised->type_name());
  put_details(story, error);
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
