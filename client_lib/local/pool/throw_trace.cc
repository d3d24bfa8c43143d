#include "client_lib/local/pool/throw_trace.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "mp/internal/pool_call.h"

// An exception looks for its handler before anything is unwound: each frame that is not to be left
// unasked names a function, its personality, which is asked. watch_throws() names one that looks at
// the stack as it is at that moment, from the throw on, and lets the exception pass. Exceptions
// that the task itself catches do not come so far, and cost nothing.

namespace mp::internal {
namespace {

struct Trace {
  std::array<void*, 64> frames;
  int count = 0;
};
thread_local Trace trace;

std::string demangled(const char* name) {
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, nullptr), std::free);
  return text ? text.get() : name;
}

// "  #3 parse(std::string const&) at program+0x2f1c"
std::string line_of(int number, void* frame) {
  const auto address = reinterpret_cast<std::uintptr_t>(frame);
  Dl_info info{};
  std::array<char, 32> offset{};
  std::string line = "  #" + std::to_string(number) + ' ';
  if (::dladdr(frame, &info) == 0 || info.dli_fname == nullptr) {
    std::snprintf(offset.data(), offset.size(), "0x%zx", static_cast<std::size_t>(address));
    return line + offset.data() + '\n';
  }
  if (info.dli_sname != nullptr) line += demangled(info.dli_sname) + " at ";
  const std::string_view file = info.dli_fname;
  line += file.substr(file.rfind('/') + 1);
  const std::size_t from_base = address - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  std::snprintf(offset.data(), offset.size(), "+0x%zx", from_base);
  return line + offset.data() + '\n';
}

// Down to what was called from `watching`, an address in watch_throws().
void remember_stack(const void* watching) {
  constexpr int kOfCall = 1;
  trace.count = ::backtrace(trace.frames.data(), static_cast<int>(trace.frames.size()));
  const auto end = trace.frames.begin() + trace.count;
  const auto at = std::find(trace.frames.begin(), end, watching);
  if (at != end) trace.count = static_cast<int>(at - trace.frames.begin()) - kOfCall;
}

}  // namespace

// What raises an exception stands before what threw it.
std::string take_throw_trace() {
  constexpr int kOfRaising = 3;
  std::string text;
  for (int i = kOfRaising; i < trace.count; ++i)
    text += line_of(i - kOfRaising, trace.frames[static_cast<std::size_t>(i)]);
  trace.count = 0;
  return text;
}

}  // namespace mp::internal

extern "C" {

[[gnu::visibility("hidden"), gnu::used]] _Unwind_Reason_Code mp_internal_look_at_throw(
    int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
    _Unwind_Context* context) {
  if ((actions & _UA_SEARCH_PHASE) != 0)
    mp::internal::remember_stack(reinterpret_cast<void*>(_Unwind_GetIP(context)));
  return _URC_CONTINUE_UNWIND;
}
}

namespace mp::internal {

// It has nothing to destroy, and so no personality of the compiler's.
[[gnu::noinline]] void watch_throws(void (*body)(void*), void* argument) {
  asm volatile(".cfi_personality 0x1b, mp_internal_look_at_throw");
  body(argument);
  asm volatile("");  // the call is not the last thing, and the frame stays
}

}  // namespace mp::internal
