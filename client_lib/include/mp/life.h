#pragma once

#include "mp/time_limit.h"

namespace mp {

// How long an object lives: without either time, until it is deleted, or, without a name, until
// nobody refers to it.
struct Life {
  TimeLimit time_to_live = None;  // from now on, whatever happens
  TimeLimit idle_time = None;     // after its last use; what is waited for or held is in use
};

}  // namespace mp
