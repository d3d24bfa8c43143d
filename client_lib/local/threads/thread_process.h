#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client_lib/local/threads/thread_record.h"
#include "mp/internal/target.h"

namespace mp::internal {

// What stands behind a threads::Process: its thread, before, while and after it runs.
class ThreadProcess : public std::enable_shared_from_this<ThreadProcess> {
 public:
  ThreadProcess(std::unique_ptr<Target> call, std::shared_ptr<ThreadRecord> record)
      : call_(std::move(call)), record_(std::move(record)) {}
  ThreadProcess(const ThreadProcess&) = delete;
  ThreadProcess& operator=(const ThreadProcess&) = delete;
  ~ThreadProcess();

  const std::shared_ptr<ThreadRecord>& record() const { return record_; }

  // Errors: ProcessError.
  void start();
  // False if it has not ended for so long. When it has, the thread is gone. Errors: ProcessError.
  bool join(Timeout timeout);

 private:
  void run();

  std::unique_ptr<Target> call_;  // until it has been called
  const std::shared_ptr<ThreadRecord> record_;
  std::mutex mutex_;
  bool is_started_ = false;  // guarded by mutex_, as what follows
  std::thread thread_;
};

// Those that run and whose parent is this thread, in the order of their start.
std::vector<std::shared_ptr<ThreadProcess>> thread_children();

}  // namespace mp::internal
