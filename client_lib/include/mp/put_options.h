#pragma once

#include "mp/time_limit.h"

namespace mp {

// How an item is put into a managed queue.
//
//   jobs.put(job, {.delay = 5s});
struct PutOptions {
  TimeLimit delay;           // how long after the call it enters the queue, and is given at the
                             // earliest; zero and None: at once
  TimeLimit timeout = None;  // how long to wait while the queue is full
};

}  // namespace mp
