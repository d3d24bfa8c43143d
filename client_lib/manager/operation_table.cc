#include "client_lib/manager/operation_table.h"

#include <algorithm>
#include <array>

namespace mp::internal {
namespace {

constexpr std::array kOperations = {
    OperationInfo{wire::Operation::kBatch, "batch", false},
    OperationInfo{wire::Operation::kCancel, "cancel", false},
    OperationInfo{wire::Operation::kSessionOpenChild, "open child", false},
    OperationInfo{wire::Operation::kSessionClose, "close", false},
    OperationInfo{wire::Operation::kObjectFind, "find", true},
    OperationInfo{wire::Operation::kObjectDelete, "delete", false},
    OperationInfo{wire::Operation::kObjectRetain, "retain", false},
    OperationInfo{wire::Operation::kObjectRelease, "release", false},
    OperationInfo{wire::Operation::kDictCreate, "create", false},
    OperationInfo{wire::Operation::kDictGet, "get", true},
    OperationInfo{wire::Operation::kDictSet, "set", false},
    OperationInfo{wire::Operation::kDictDelete, "delete", false},
    OperationInfo{wire::Operation::kDictContains, "contains", true},
    OperationInfo{wire::Operation::kDictLength, "length", true},
    OperationInfo{wire::Operation::kDictClear, "clear", false},
    OperationInfo{wire::Operation::kDictItems, "items", true},
    OperationInfo{wire::Operation::kDictKeys, "keys", true},
    OperationInfo{wire::Operation::kDictValues, "values", true},
    OperationInfo{wire::Operation::kDictPop, "pop", false},
    OperationInfo{wire::Operation::kDictPopItem, "pop item", false},
    OperationInfo{wire::Operation::kDictSetDefault, "set default", false},
    OperationInfo{wire::Operation::kDictUpdate, "update", false},
    OperationInfo{wire::Operation::kDictAdd, "add", false},
    OperationInfo{wire::Operation::kDictCompareExchange, "compare exchange", false},
    OperationInfo{wire::Operation::kListCreate, "create", false},
    OperationInfo{wire::Operation::kListGet, "get", true},
    OperationInfo{wire::Operation::kListSet, "set", false},
    OperationInfo{wire::Operation::kListDelete, "delete", false},
    OperationInfo{wire::Operation::kListGetSlice, "get slice", true},
    OperationInfo{wire::Operation::kListSetSlice, "set slice", false},
    OperationInfo{wire::Operation::kListDeleteSlice, "delete slice", false},
    OperationInfo{wire::Operation::kListAppend, "append", false},
    OperationInfo{wire::Operation::kListExtend, "extend", false},
    OperationInfo{wire::Operation::kListInsert, "insert", false},
    OperationInfo{wire::Operation::kListPop, "pop", false},
    OperationInfo{wire::Operation::kListRemove, "remove", false},
    OperationInfo{wire::Operation::kListIndex, "index", true},
    OperationInfo{wire::Operation::kListCount, "count", true},
    OperationInfo{wire::Operation::kListContains, "contains", true},
    OperationInfo{wire::Operation::kListLength, "length", true},
    OperationInfo{wire::Operation::kListClear, "clear", false},
    OperationInfo{wire::Operation::kListReverse, "reverse", false},
    OperationInfo{wire::Operation::kListSort, "sort", false},
    OperationInfo{wire::Operation::kListRepeat, "repeat", false},
    OperationInfo{wire::Operation::kListAdd, "add", false},
    OperationInfo{wire::Operation::kQueueCreate, "create", false},
    OperationInfo{wire::Operation::kQueuePut, "put", false},
    OperationInfo{wire::Operation::kQueueGet, "get", false},
    OperationInfo{wire::Operation::kQueueSize, "size", true},
    OperationInfo{wire::Operation::kQueueShutdown, "shutdown", false},
    OperationInfo{wire::Operation::kLockCreate, "create", false},
    OperationInfo{wire::Operation::kLockAcquire, "acquire", false},
    OperationInfo{wire::Operation::kLockRelease, "release", false},
    OperationInfo{wire::Operation::kLockLocked, "locked", true},
};
static_assert(std::ranges::is_sorted(kOperations, {}, &OperationInfo::operation));

}  // namespace

const OperationInfo& info_of(wire::Operation operation) {
  return *std::ranges::lower_bound(kOperations, operation, {}, &OperationInfo::operation);
}

}  // namespace mp::internal
