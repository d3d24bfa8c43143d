#pragma once

// Everything between the processes of one machine, without managers: what mp::local offers.

#include "mp/any.h"                          // IWYU pragma: export
#include "mp/bytes.h"                        // IWYU pragma: export
#include "mp/codec.h"                        // IWYU pragma: export
#include "mp/context.h"                      // IWYU pragma: export
#include "mp/current_process.h"              // IWYU pragma: export
#include "mp/errors.h"                       // IWYU pragma: export
#include "mp/local/address.h"                // IWYU pragma: export
#include "mp/local/array.h"                  // IWYU pragma: export
#include "mp/local/barrier.h"                // IWYU pragma: export
#include "mp/local/condition.h"              // IWYU pragma: export
#include "mp/local/connection.h"             // IWYU pragma: export
#include "mp/local/event.h"                  // IWYU pragma: export
#include "mp/local/listener.h"               // IWYU pragma: export
#include "mp/local/lock.h"                   // IWYU pragma: export
#include "mp/local/queue.h"                  // IWYU pragma: export
#include "mp/local/rlock.h"                  // IWYU pragma: export
#include "mp/local/semaphore.h"              // IWYU pragma: export
#include "mp/local/shareable_list.h"         // IWYU pragma: export
#include "mp/local/shared_memory.h"          // IWYU pragma: export
#include "mp/local/shared_memory_manager.h"  // IWYU pragma: export
#include "mp/local/value.h"                  // IWYU pragma: export
#include "mp/local/wait.h"                   // IWYU pragma: export
#include "mp/logging.h"                      // IWYU pragma: export
#include "mp/none.h"                         // IWYU pragma: export
#include "mp/pool.h"                         // IWYU pragma: export
#include "mp/process.h"                      // IWYU pragma: export
#include "mp/range.h"                        // IWYU pragma: export
#include "mp/record.h"                       // IWYU pragma: export
#include "mp/repr.h"                         // IWYU pragma: export
#include "mp/sendable_process.h"             // IWYU pragma: export
#include "mp/slice.h"                        // IWYU pragma: export
#include "mp/start_method.h"                 // IWYU pragma: export
#include "mp/thread_pool.h"                  // IWYU pragma: export
#include "mp/version.h"                      // IWYU pragma: export
