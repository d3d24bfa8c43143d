#include "server/objects/kinds.h"

#include <array>

#include "server/objects/barrier.h"
#include "server/objects/condition.h"
#include "server/objects/count_down_latch.h"
#include "server/objects/custom.h"
#include "server/objects/dict.h"
#include "server/objects/event.h"
#include "server/objects/list.h"
#include "server/objects/lock.h"
#include "server/objects/namespace.h"
#include "server/objects/queue.h"
#include "server/objects/rlock.h"
#include "server/objects/rwlock.h"
#include "server/objects/semaphore.h"
#include "server/objects/set.h"
#include "server/objects/shared_array.h"
#include "server/objects/shared_value.h"
#include "server/objects/watch.h"

namespace mp::server {

std::span<const KindTable> kinds() {
  static const std::array kTable = {
      kind_table<Dict, v1::DictCreateRequest>(Kind::kDict, "mp.v1.Dict", Dict::operations()),
      kind_table<List, v1::ListCreateRequest>(Kind::kList, "mp.v1.List", List::operations()),
      kind_table<Set, v1::SetCreateRequest>(Kind::kSet, "mp.v1.Set", Set::operations()),
      kind_table<Namespace, v1::NamespaceCreateRequest>(Kind::kNamespace, "mp.v1.Namespace",
                                                        Namespace::operations()),
      kind_table<SharedValue, v1::SharedValueCreateRequest>(Kind::kSharedValue, "mp.v1.SharedValue",
                                                            SharedValue::operations()),
      kind_table<SharedArray, v1::SharedArrayCreateRequest>(Kind::kSharedArray, "mp.v1.SharedArray",
                                                            SharedArray::operations()),
      kind_table<Lock, v1::LockCreateRequest>(Kind::kLock, "mp.v1.Lock", Lock::operations()),
      kind_table<RLock, v1::RLockCreateRequest>(Kind::kRLock, "mp.v1.RLock", RLock::operations()),
      kind_table<Semaphore, v1::SemaphoreCreateRequest>(Kind::kSemaphore, "mp.v1.Semaphore",
                                                        Semaphore::operations()),
      kind_table<Condition, v1::ConditionCreateRequest>(Kind::kCondition, "mp.v1.Condition",
                                                        Condition::operations()),
      kind_table<Event, v1::EventCreateRequest>(Kind::kEvent, "mp.v1.Event", Event::operations()),
      kind_table<Barrier, v1::BarrierCreateRequest>(Kind::kBarrier, "mp.v1.Barrier",
                                                    Barrier::operations()),
      kind_table<CountDownLatch, v1::CountDownLatchCreateRequest>(
          Kind::kLatch, "mp.v1.CountDownLatch", CountDownLatch::operations()),
      kind_table<RWLock, v1::RWLockCreateRequest>(Kind::kRWLock, "mp.v1.RWLock",
                                                  RWLock::operations()),
      kind_table<Custom, v1::CustomCreateRequest>(Kind::kCustom, "mp.v1.Custom",
                                                  Custom::operations()),
      kind_table<Watch, v1::WatchCreateRequest>(Kind::kWatch, "mp.v1.Watch", Watch::operations()),
      kind_table<Queue, v1::QueueCreateRequest>(Kind::kQueue, "mp.v1.Queue", Queue::operations()),
  };
  return kTable;
}

}  // namespace mp::server
