#pragma once

#include "mp/local/array.h"
#include "mp/local/value.h"

namespace mp::threads {

// A value of a fixed type, as mp::Value: it is as good between the threads of a process as between
// processes, and its numbers are std::atomic's. It takes an mp::Lock or mp::RLock, if any: forked
// children share it, and a threads::Lock, which does not compile here, would not keep them out.
// What is not as good as its bytes, a std::string, is a variable of the program's and a
// threads::Lock.
//
// Python: multiprocessing.dummy.Value, which holds anything, and is not atomic.
template <class T>
using Value = ::mp::Value<T>;
template <class T>
using RawValue = ::mp::RawValue<T>;

// Values in a row, as mp::Array. Python: multiprocessing.dummy.Array, an array.array without a
// lock.
template <class T>
using Array = ::mp::Array<T>;
template <class T>
using RawArray = ::mp::RawArray<T>;

}  // namespace mp::threads
