#include "server/objects/kinds.h"

#include <array>

#include "server/objects/dict.h"
#include "server/objects/list.h"
#include "server/objects/lock.h"
#include "server/objects/queue.h"

namespace mp::server {

std::span<const KindTable> kinds() {
  static const std::array kTable = {
      kind_table<Dict, v1::DictCreateRequest>(Kind::kDict, "mp.v1.Dict", Dict::operations()),
      kind_table<List, v1::ListCreateRequest>(Kind::kList, "mp.v1.List", List::operations()),
      kind_table<Queue, v1::QueueCreateRequest>(Kind::kQueue, "mp.v1.Queue", Queue::operations()),
      kind_table<Lock, v1::LockCreateRequest>(Kind::kLock, "mp.v1.Lock", Lock::operations()),
  };
  return kTable;
}

}  // namespace mp::server
