#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client_lib/local/threads/watched.h"
#include "mp/internal/timeout.h"

namespace mp::internal {

// What is known of a thread: of one that a threads::Process started or will start, of the first
// thread, or of another that has asked. There is one for each, and its number is never used again.
class ThreadRecord final : public Watched {
 public:
  // Of a thread that runs.
  ThreadRecord(std::uint64_t number, std::string name, int ident);
  // Of one that is to be started.
  ThreadRecord(std::string name, bool daemon, std::shared_ptr<ThreadRecord> parent);
  ~ThreadRecord() override;

  std::uint64_t number() const { return number_; }
  const std::shared_ptr<ThreadRecord>& parent() const { return parent_; }
  // Of this process, and not of the one that forked it.
  bool is_of_this_process() const;

  std::string name() const;
  void set_name(std::string name);
  bool daemon() const;
  void set_daemon(bool daemon);

  // The kernel's id of the thread; none before its start.
  std::optional<int> ident() const;
  bool has_ended() const;
  std::optional<int> exitcode() const;
  bool is_ready() const override { return has_ended(); }

  // On the thread itself.
  void begin();
  void end(int exitcode);
  // False if it has not for so long.
  bool await_begin(Timeout timeout);
  bool await_end(Timeout timeout);

 private:
  const std::uint64_t number_;
  const std::uint64_t fork_generation_;
  const std::shared_ptr<ThreadRecord> parent_;

  // Guarded by mutex_.
  std::string name_;
  bool daemon_ = false;
  std::optional<int> ident_;
  std::optional<int> exitcode_;
};

// Of the calling thread.
const std::shared_ptr<ThreadRecord>& this_thread_record();
// While one is in scope, that record is the calling thread's.
class RunsAs {
 public:
  explicit RunsAs(std::shared_ptr<ThreadRecord> record);
  ~RunsAs();
  RunsAs(const RunsAs&) = delete;
  RunsAs& operator=(const RunsAs&) = delete;
};

// That of its record, which need not be made for it.
std::uint64_t this_thread_number();

// `thread 7` if there is no such record any more.
std::string name_of_thread(std::uint64_t number);

}  // namespace mp::internal
