#pragma once

#include <string>
#include <utility>
#include <vector>

// Who the parties of these tests are, and what they share: processes and mp's objects, or threads
// and those of mp::threads. The tests name neither.

#ifdef MP_CONTRACT_OVER_THREADS

#include "mp/threads.h"

namespace mp::contract {

namespace backend = ::mp::threads;

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

namespace mp::contract {

namespace backend = ::mp;

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
using backend::Barrier;
using backend::BoundedSemaphore;
using backend::Condition;
using backend::Connection;
using backend::current_process;
using backend::Event;
using backend::JoinableQueue;
using backend::Lock;
using backend::parent_process;
using backend::Pipe;
using backend::Process;
using backend::ProcessOptions;
using backend::Queue;
using backend::RawValue;
using backend::RLock;
using backend::Semaphore;
using backend::SimpleQueue;
using backend::Value;
using backend::wait;
using backend::Waitable;

}  // namespace mp::contract
