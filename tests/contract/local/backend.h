#pragma once

#include <string>
#include <utility>
#include <vector>

// Who the parties of these tests are, and what they share: processes and mp's objects, threads and
// those of mp::threads, or processes and a manager's objects. The tests name neither.

#ifdef MP_CONTRACT_OVER_THREADS

#include "mp/threads.h"

namespace mp::contract {

namespace backend = ::mp::threads;
namespace shared = backend;
struct Home {};

inline constexpr const char* kMainName = "MainThread";
inline constexpr const char* kChildNames =
    "Thread-[0-9]+";  // as others see them in what they print

enum class Way { kThread };  // to start a child

inline std::vector<Way> all_ways() { return {Way::kThread}; }
inline std::string name_of_way(Way) { return "thread"; }

template <class... Given>
backend::Process process_by(Way, Given&&... given) {
  return backend::Process(std::forward<Given>(given)...);
}

}  // namespace mp::contract

#else

#include "mp/local.h"
#ifdef MP_CONTRACT_OVER_A_MANAGER
#include "tests/contract/local/managed.h"
#endif

namespace mp::contract {

namespace backend = ::mp;
#ifdef MP_CONTRACT_OVER_A_MANAGER
namespace shared = managed;
using managed::Home;
#else
namespace shared = backend;
struct Home {};
#endif

inline constexpr const char* kMainName = "MainProcess";
inline constexpr const char* kChildNames = "pid [0-9]+";

using Way = StartMethod;

inline std::vector<Way> all_ways() { return get_all_start_methods(); }
inline std::string name_of_way(Way way) { return std::string(name_of(way)); }

template <class... Given>
backend::Process process_by(Way way, Given&&... given) {
  return get_context(way).process(std::forward<Given>(given)...);
}

}  // namespace mp::contract

#endif

namespace mp::contract {

using backend::active_children;
using backend::Array;
using backend::Connection;
using backend::current_process;
using backend::parent_process;
using backend::Pipe;
using backend::Process;
using backend::ProcessOptions;
using backend::RawValue;
using backend::SimpleQueue;
using backend::Value;
using backend::wait;
using backend::Waitable;

using shared::Barrier;
using shared::BoundedSemaphore;
using shared::Condition;
using shared::Event;
using shared::JoinableQueue;
using shared::Lock;
using shared::Queue;
using shared::RLock;
using shared::Semaphore;

}  // namespace mp::contract
