#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

std::int64_t monotonic_now();

// What clients write down as they go, in memory that they share with the process that has forked
// them: the invocation before the call, the result after it. A client that is killed in a call
// leaves it pending.
class Logbook {
 public:
  static constexpr int kMostClients = 8;
  static constexpr std::size_t kMostOperations = 500;  // of one client

  Logbook();

  // Written by the client of this number, and read by others when it has ended.
  Operation& invoke(Operation operation);
  void returned(Operation& operation, const Operation& result);
  History operations_of(int client) const;
  std::size_t count(int client) const { return shared_->pages[client].size; }

  // The clients and the process that has started them tell one another how far they are.
  std::atomic<int>& ready() { return shared_->ready; }        // clients
  std::atomic<int>& done() { return shared_->done; }          // operations, of all clients
  std::atomic<int>& allowed() { return shared_->allowed; }    // so many, and then clients pause
  std::atomic<int>& finished() { return shared_->finished; }  // clients

 private:
  struct Page {
    std::atomic<std::size_t> size = 0;
    Operation operations[kMostOperations];
  };
  struct Shared {
    std::atomic<int> ready = 0;
    std::atomic<int> done = 0;
    std::atomic<int> allowed = 0;
    std::atomic<int> finished = 0;
    Page pages[kMostClients];
  };
  static_assert(std::atomic<std::size_t>::is_always_lock_free);

  struct Unmap {
    void operator()(Shared* shared) const;
  };
  std::unique_ptr<Shared, Unmap> shared_;
};

}  // namespace mp::linearizability
