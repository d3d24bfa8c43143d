#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/internal/sendable.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "mp/start_method.h"

namespace mp {

// Makes processes and pools of one start method, whatever the rest of the program uses.
//
// Python: multiprocessing.get_context(method).
// Thread-safety: any thread.
//
//   mp::Context context = mp::get_context("spawn");
//   mp::Process p = context.process(work, 42);
class Context {
 public:
  explicit Context(StartMethod method) : method_(method) {}

  StartMethod get_start_method() const { return method_; }

  // As the constructors of Process.
  template <internal::Startable Callable, class... Args>
  Process process(Callable&& callable, Args&&... args) const {
    return process(ProcessOptions(), std::forward<Callable>(callable), std::forward<Args>(args)...);
  }
  template <class Callable, class... Args>
  Process process(ProcessOptions options, Callable&& callable, Args&&... args) const {
    options.start_method = method_;
    return Process(std::move(options), std::forward<Callable>(callable),
                   std::forward<Args>(args)...);
  }

  // As the constructors of Pool.
  template <class... Initializer>
  Pool pool(int processes, Initializer&&... initializer) const {
    return pool(PoolOptions{.processes = processes}, std::forward<Initializer>(initializer)...);
  }
  template <class... Initializer>
  Pool pool(PoolOptions options, Initializer&&... initializer) const {
    options.start_method = method_;
    return Pool(options, std::forward<Initializer>(initializer)...);
  }

 private:
  StartMethod method_;
};

// A context whose method the compiler knows: what can't be sent does not compile.
template <StartMethod kMethod>
class ContextOf : public Context {
 public:
  ContextOf() : Context(kMethod) {}

  template <internal::Startable Callable, class... Args>
  Process process(Callable&& callable, Args&&... args) const {
    return process(ProcessOptions(), std::forward<Callable>(callable), std::forward<Args>(args)...);
  }
  template <class Callable, class... Args>
  Process process(ProcessOptions options, Callable&& callable, Args&&... args) const {
    constexpr bool kForks = kMethod == StartMethod::kFork;
    static_assert(kForks || internal::Sendable<std::decay_t<Callable>>,
                  "mp::Context: a child that is not forked takes a function, a lambda without "
                  "captures or a function object without state; hand over what a lambda captures "
                  "as arguments");
    static_assert(kForks || (internal::Sendable<std::decay_t<Args>> && ...),
                  "mp::Context: a child that is not forked takes arguments that have an mp::Codec; "
                  "pointers and references mean nothing there");
    return Context::process(std::move(options), std::forward<Callable>(callable),
                            std::forward<Args>(args)...);
  }
};

// Python: multiprocessing.get_context().
inline Context get_context() { return Context(get_start_method()); }
inline Context get_context(StartMethod method) { return Context(method); }
// Errors: ValueError if there is no such method.
inline Context get_context(std::string_view name) { return Context(start_method_named(name)); }
template <StartMethod kMethod>
ContextOf<kMethod> get_context() {
  return {};
}

}  // namespace mp
