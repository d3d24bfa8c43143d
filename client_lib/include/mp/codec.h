#pragma once

// How C++ types become values and come back: mp::Codec<T> (mp/codec/concepts.h) and the codecs of
//   bool, whole and floating numbers, characters, enums          mp/codec/scalars.h
//   strings, Bytes                                                mp/codec/text.h
//   None, optional, variant                                       mp/codec/choice.h
//   pair, tuple                                                   mp/codec/tuple.h
//   vector, deque, list, array, span, sets, maps, Dict            mp/codec/containers.h
//   durations, times                                              mp/codec/chrono.h
//   mp::Any and its parts                                         mp/codec/any.h
//   structs, by position                                          mp/codec/aggregate.h
//   structs, by name: MP_RECORD                                   mp/record.h

#include "mp/codec/aggregate.h"
#include "mp/codec/any.h"
#include "mp/codec/choice.h"
#include "mp/codec/chrono.h"
#include "mp/codec/concepts.h"
#include "mp/codec/containers.h"
#include "mp/codec/scalars.h"
#include "mp/codec/text.h"
#include "mp/codec/tuple.h"
#include "mp/record.h"
#include "mp/repr.h"
