#pragma once

#include "mp/thread_pool.h"

namespace mp::threads {

// Python: multiprocessing.dummy.Pool, which is multiprocessing.pool.ThreadPool.
using Pool = ThreadPool;

}  // namespace mp::threads
