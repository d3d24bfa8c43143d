#pragma once

// mp's names over threads of this process in place of processes. Python: multiprocessing.dummy.
//
//   namespace backend = mp::threads;      // or = mp
//
//   backend::Queue<std::string> words;
//   backend::Process p([words] { words.put("hello"); });
//
// What differs from processes is in docs/semantics.md. There is no Manager: Python's threads have
// plain lists and dicts for one, which are whole under the interpreter's lock, as C++'s containers
// are not. Threads share mp::Manager's objects as processes do, or a container and a lock.

#include "mp/any.h"                      // IWYU pragma: export
#include "mp/bind.h"                     // IWYU pragma: export
#include "mp/bytes.h"                    // IWYU pragma: export
#include "mp/current_process.h"          // IWYU pragma: export
#include "mp/errors.h"                   // IWYU pragma: export
#include "mp/logging.h"                  // IWYU pragma: export
#include "mp/none.h"                     // IWYU pragma: export
#include "mp/start_method.h"             // IWYU pragma: export
#include "mp/threads/barrier.h"          // IWYU pragma: export
#include "mp/threads/condition.h"        // IWYU pragma: export
#include "mp/threads/connection.h"       // IWYU pragma: export
#include "mp/threads/current_process.h"  // IWYU pragma: export
#include "mp/threads/event.h"            // IWYU pragma: export
#include "mp/threads/listener.h"         // IWYU pragma: export
#include "mp/threads/lock.h"             // IWYU pragma: export
#include "mp/threads/pool.h"             // IWYU pragma: export
#include "mp/threads/process.h"          // IWYU pragma: export
#include "mp/threads/queue.h"            // IWYU pragma: export
#include "mp/threads/rlock.h"            // IWYU pragma: export
#include "mp/threads/semaphore.h"        // IWYU pragma: export
#include "mp/threads/value.h"            // IWYU pragma: export
#include "mp/threads/wait.h"             // IWYU pragma: export
#include "mp/time_limit.h"               // IWYU pragma: export

namespace mp::threads {

// What is the same for both.

using ::mp::Any;
using ::mp::Bytes;
using ::mp::None;
using ::mp::ShutdownOptions;
using ::mp::TimeLimit;

using ::mp::at_exit;
using ::mp::cpu_count;
using ::mp::exit;  // of a threads::Process, that thread
using ::mp::get_logger;
using ::mp::init;  // Python: freeze_support
using ::mp::log_to_stderr;

using ::mp::BrokenBarrierError;
using ::mp::BufferTooShort;
using ::mp::ConnectionError;
using ::mp::Empty;
using ::mp::EOFError;
using ::mp::Error;
using ::mp::Full;
using ::mp::NotOwnerError;
using ::mp::ProcessError;
using ::mp::ShutDown;
using ::mp::TimeoutError;
using ::mp::TypeError;
using ::mp::ValueError;

using ::mp::AsyncResult;
using ::mp::bind;

}  // namespace mp::threads
