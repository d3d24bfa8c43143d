#pragma once

#include <cstdint>

namespace mp::wire {

// The operations, as numbered in mp.v1.Command; a reply has the same number in mp.v1.Outcome.
enum class Operation : std::uint32_t {
  kBatch = 10,
  kCancel = 11,
  kSessionOpenChild = 12,
  kSessionClose = 13,

  kObjectFind = 20,
  kObjectDelete = 21,
  kObjectRetain = 22,
  kObjectRelease = 23,

  kDictCreate = 100,
  kDictGet = 101,
  kDictSet = 102,
  kDictDelete = 103,
  kDictContains = 104,
  kDictLength = 105,
  kDictClear = 106,
  kDictItems = 107,
  kDictKeys = 108,
  kDictValues = 109,
  kDictPop = 110,
  kDictPopItem = 111,
  kDictSetDefault = 112,
  kDictUpdate = 113,
  kDictAdd = 114,
  kDictCompareExchange = 115,

  kListCreate = 200,
  kListGet = 201,
  kListSet = 202,
  kListDelete = 203,
  kListGetSlice = 204,
  kListSetSlice = 205,
  kListDeleteSlice = 206,
  kListAppend = 207,
  kListExtend = 208,
  kListInsert = 209,
  kListPop = 210,
  kListRemove = 211,
  kListIndex = 212,
  kListCount = 213,
  kListContains = 214,
  kListLength = 215,
  kListClear = 216,
  kListReverse = 217,
  kListSort = 218,
  kListRepeat = 219,
  kListAdd = 220,

  kQueueCreate = 300,
  kQueuePut = 301,
  kQueueGet = 302,
  kQueueSize = 303,
  kQueueShutdown = 304,

  kLockCreate = 400,
  kLockAcquire = 401,
  kLockRelease = 402,
  kLockLocked = 403,
};

}  // namespace mp::wire
