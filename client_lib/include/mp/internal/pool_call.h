#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/internal/code_address.h"
#include "mp/internal/parcel.h"
#include "mp/internal/pieces.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/pool_job.h"
#include "mp/internal/travel.h"

// A task, as it goes from a pool to one of its workers and back. It is a call of one function for
// some items of a job: the chunk.

namespace mp::internal {

// Whether a value stays where it is until the message is sent.
enum class Stays : bool { kNo, kYes };

template <Stays kStays = Stays::kYes, class T>
void add_value(Pieces& pieces, const T& value) {
  if constexpr (FunctionPointer<T> || Stateless<T> || BorrowedText<T>) {
    pieces.add_part(Passage<T>::pack(value));
  } else {
    std::string written;
    const std::string_view bytes = plain_view(value, written);
    const bool stays = kStays == Stays::kYes && bytes.data() != written.data();
    stays&& bytes.size() >= Pieces::kLarge ? pieces.refer_to_part(bytes) : pieces.add_part(bytes);
  }
}

// What may become of a task.
struct TaskLimits {
  Timeout soft = {};
  Timeout hard = {};
  int retries = 0;
};

// On its way to a worker. Descriptors that its arguments leave go along.
struct OutgoingTask {
  explicit OutgoingTask(std::string_view function) : code(function) {}

  std::string_view code;  // of the TaskFunction; static
  Pieces pieces;
  OutgoingDescriptors descriptors;
  std::uint32_t items = 0;
};

// What a worker says of its items, one after another.
class TaskReply {
 public:
  template <class R>
  void add(R&& result) {
    using Result = std::remove_cvref_t<R>;
    if constexpr (PlainNumberType<Result>) {
      add_value(pieces_, result);
    } else if constexpr (PlainText<Result> || NumberVector<Result>) {
      add_memory(std::forward<R>(result));
    } else {
      add_written([&] { add_value<Stays::kNo>(pieces_, result); });
    }
  }
  void add_none() { pieces_.add_part({}); }

  // The exception that is being handled. Passes on the one that ends the process.
  void add_current_exception();

  const Pieces& pieces() const { return pieces_; }
  void clear();

 private:
  // What is its memory and nothing else. A large one is kept, as the message refers to it.
  template <class R>
  void add_memory(R&& result) {
    if (result.size() * sizeof(*result.data()) < Pieces::kLarge) {
      add_value<Stays::kNo>(pieces_, result);
    } else {
      const auto kept = std::make_shared<const std::remove_cvref_t<R>>(std::forward<R>(result));
      add_value(pieces_, *kept);
      kept_.push_back(kept);
    }
  }
  // What `write` throws is a MaybeEncodingError, and nothing of it is in the reply.
  void add_written(const std::function<void()>& write);

  Pieces pieces_;
  std::vector<std::shared_ptr<const void>> kept_;
};

// In a worker: does what a task says.
using TaskFunction = void (*)(std::string_view body, std::uint32_t items, TaskReply& reply);

// Calls body(argument), and remembers where an exception comes from that leaves it.
void watch_throws(void (*body)(void*), void* argument);

template <class Body>
void watching_throws(Body body) {
  watch_throws([](void* given) { (*static_cast<Body*>(given))(); }, &body);
}

// What a call gives, as a value. Not by std::invoke() where it need not be: a function may give a
// reference to an argument that was converted for it, which would be gone when invoke() returns.
template <class Result, class F, class... Args>
Result result_of_call(F& function, Args&&... args) {
  if constexpr (requires { function(std::forward<Args>(args)...); }) {
    return static_cast<Result>(function(std::forward<Args>(args)...));
  } else {
    return static_cast<Result>(std::invoke(function, std::forward<Args>(args)...));
  }
}

template <class R, class F, class... A, class... Held>
void call_into(TaskReply& reply, const F& function, std::tuple<Held...> held) {
  std::apply(
      [&](Held&... arguments) {
        if constexpr (std::is_void_v<R>) {
          std::invoke(function, Passage<A>::hand_over(arguments)...);
          reply.add_none();
        } else {
          reply.add(result_of_call<ResultOf<R>>(function, Passage<A>::hand_over(arguments)...));
        }
      },
      held);
}

template <class... A, std::size_t... I>
std::tuple<typename Passage<A>::Held...> unpack_all(
    [[maybe_unused]] const std::array<std::string_view, sizeof...(A)>& bytes,
    std::index_sequence<I...>) {
  return {Passage<A>::unpack(bytes[I])...};
}

template <class R, class F, class... A>
void run_task(std::string_view body, std::uint32_t items, TaskReply& reply) {
  PartReader parts(body);
  std::optional<F> function;
  const std::string_view function_bytes = parts.next().bytes;
  for (std::uint32_t i = 0; i < items; ++i) {
    std::array<std::string_view, sizeof...(A)> bytes;
    for (std::string_view& part : bytes) part = parts.next().bytes;
    try {
      if (!function) function.emplace(Passage<F>::unpack(function_bytes));
      watching_throws([&] {
        call_into<R, F, A...>(reply, *function,
                              unpack_all<A...>(bytes, std::index_sequence_for<A...>()));
      });
    } catch (...) {
      reply.add_current_exception();
    }
  }
}

// Some items of a job, for another process.
template <class R, class F, class... A>
class ProcessChunk {
 public:
  explicit ProcessChunk(const F& function) : task_(code()) { add_value(task_.pieces, function); }

  // Those that stay do so until the chunk is submitted.
  template <Stays kStay>
  void add(const A&... arguments) {
    (add_value<kStay>(task_.pieces, arguments), ...);
    ++task_.items;
  }
  OutgoingTask& task() { return task_; }

 private:
  static std::string_view code() {
    static const std::string encoded =
        encode_function<std::remove_pointer_t<TaskFunction>>(&run_task<R, F, A...>);
    return encoded;
  }

  OutgoingTask task_;
};

}  // namespace mp::internal
