#include "client_lib/local/threads/thread_record.h"

#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "client_lib/local/threads/one_per_process.h"
#include "client_lib/local/threads/wait_until.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

struct Directory {
  std::mutex mutex;
  std::map<std::uint64_t, const ThreadRecord*> records;  // guarded by mutex
};

Directory& directory() { return one_per_process<Directory>(); }

void list(std::uint64_t number, const ThreadRecord* record) {
  Directory& all = directory();
  const std::scoped_lock lock(all.mutex);
  all.records[number] = record;
}

std::uint64_t next_number() {
  static constinit std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

constinit thread_local std::uint64_t number_here = 0;

// Ends a record that was made for a thread of somebody else's when that thread ends.
struct Here {
  std::shared_ptr<ThreadRecord> record;
  bool is_somebody_elses = false;

  Here() = default;
  Here(const Here&) = delete;
  Here& operator=(const Here&) = delete;
  ~Here() {
    if (is_somebody_elses) record->end(0);
  }
};

Here& here() {
  thread_local Here mine;
  return mine;
}

std::shared_ptr<ThreadRecord> make_record_here() {
  const std::uint64_t number = this_thread_number();
  const int ident = ::gettid();
  // As Python calls threads that it has not started.
  std::string name = ident == ::getpid() ? "MainThread" : "Dummy-" + std::to_string(number);
  return std::make_shared<ThreadRecord>(number, std::move(name), ident);
}

}  // namespace

ThreadRecord::ThreadRecord(std::uint64_t number, std::string name, int ident)
    : number_(number), fork_generation_(fork_generation()), name_(std::move(name)), ident_(ident) {
  list(number_, this);
}

ThreadRecord::ThreadRecord(std::string name, bool daemon, std::shared_ptr<ThreadRecord> parent)
    : number_(next_number()),
      fork_generation_(fork_generation()),
      parent_(std::move(parent)),
      name_(std::move(name)),
      daemon_(daemon) {
  list(number_, this);
}

ThreadRecord::~ThreadRecord() {
  Directory& all = directory();
  const std::scoped_lock lock(all.mutex);
  const auto found = all.records.find(number_);
  // Not that of the thread that forked this process, which has a new one with its number.
  if (found != all.records.end() && found->second == this) all.records.erase(found);
}

bool ThreadRecord::is_of_this_process() const { return fork_generation_ == fork_generation(); }

std::string ThreadRecord::name() const {
  const std::scoped_lock lock(mutex_);
  return name_;
}

void ThreadRecord::set_name(std::string name) {
  const std::scoped_lock lock(mutex_);
  name_ = std::move(name);
}

bool ThreadRecord::daemon() const {
  const std::scoped_lock lock(mutex_);
  return daemon_;
}

void ThreadRecord::set_daemon(bool daemon) {
  const std::scoped_lock lock(mutex_);
  daemon_ = daemon;
}

std::optional<int> ThreadRecord::ident() const {
  const std::scoped_lock lock(mutex_);
  return ident_;
}

bool ThreadRecord::has_ended() const { return exitcode().has_value(); }

std::optional<int> ThreadRecord::exitcode() const {
  const std::scoped_lock lock(mutex_);
  return exitcode_;
}

void ThreadRecord::begin() {
  const std::scoped_lock lock(mutex_);
  ident_ = ::gettid();
  tell_all();
}

void ThreadRecord::end(int exitcode) {
  const std::scoped_lock lock(mutex_);
  exitcode_ = exitcode;
  tell_all();
}

bool ThreadRecord::await_begin(Timeout timeout) {
  std::unique_lock lock(mutex_);
  return wait_until(changed_, lock, deadline_after(timeout), [this] { return ident_.has_value(); });
}

bool ThreadRecord::await_end(Timeout timeout) {
  std::unique_lock lock(mutex_);
  return wait_until(changed_, lock, deadline_after(timeout),
                    [this] { return exitcode_.has_value(); });
}

const std::shared_ptr<ThreadRecord>& this_thread_record() {
  Here& mine = here();
  if (!mine.record || !mine.record->is_of_this_process()) {
    mine.record = make_record_here();
    mine.is_somebody_elses = true;
  }
  return mine.record;
}

RunsAs::RunsAs(std::shared_ptr<ThreadRecord> record) {
  number_here = record->number();
  here().record = std::move(record);
}

RunsAs::~RunsAs() { here().record.reset(); }

std::uint64_t this_thread_number() {
  if (number_here == 0) number_here = next_number();
  return number_here;
}

std::string name_of_thread(std::uint64_t number) {
  if (number == this_thread_number()) return this_thread_record()->name();
  Directory& all = directory();
  const std::scoped_lock lock(all.mutex);
  const auto found = all.records.find(number);
  if (found == all.records.end()) return "thread " + std::to_string(number);
  return found->second->name();
}

}  // namespace mp::internal
