#include "tests/linearizability/logbook.h"

#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <stdexcept>
#include <system_error>

namespace mp::linearizability {

std::int64_t monotonic_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Logbook::Logbook() {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  shared_.reset(new (memory) Shared);
}

void Logbook::Unmap::operator()(Shared* shared) const {
  shared->~Shared();
  munmap(shared, sizeof(Shared));
}

Operation& Logbook::invoke(Operation operation) {
  Page& page = shared_->pages[operation.client];
  const std::size_t index = page.size;
  if (index == kMostOperations) throw std::length_error("the page is full");
  operation.invoked = monotonic_now();
  page.operations[index] = operation;
  page.size = index + 1;
  return page.operations[index];
}

void Logbook::returned(Operation& operation, const Operation& result) {
  operation.value = result.value;
  operation.extra = result.extra;
  operation.got = result.got;
  operation.returned = monotonic_now();
  std::atomic_ref(operation.outcome).store(result.outcome);  // last: until then it is pending
  ++shared_->done;
}

History Logbook::operations_of(int client) const {
  const Page& page = shared_->pages[client];
  History operations(page.operations, page.operations + page.size);
  for (Operation& operation : operations) {
    if (!operation.pending()) continue;  // else its result may be half written
    operation.value = operation.extra = kAbsent;
    operation.got = {};
    operation.returned = kNever;
  }
  return operations;
}

}  // namespace mp::linearizability
