#include "mp/threads/process.h"

#include <atomic>
#include <cstdint>
#include <ostream>
#include <utility>

#include "client_lib/local/threads/thread_process.h"
#include "client_lib/local/threads/thread_record.h"
#include "mp/errors.h"
#include "mp/threads/current_process.h"

namespace mp::threads {

using internal::ThreadProcess;
using internal::ThreadRecord;

namespace {

std::string default_name() {
  // As Python counts them: those of all threads together, from 1.
  static constinit std::atomic<std::uint64_t> last = 0;
  return "Thread-" + std::to_string(last.fetch_add(1) + 1);
}

std::shared_ptr<ThreadProcess> make(std::unique_ptr<internal::Target> call,
                                    ProcessOptions options) {
  const auto& parent = internal::this_thread_record();
  const bool daemon = options.daemon.value_or(parent->daemon());
  if (options.name.empty()) options.name = default_name();
  return std::make_shared<ThreadProcess>(
      std::move(call), std::make_shared<ThreadRecord>(std::move(options.name), daemon, parent));
}

// Of a thread that runs, or has run.
int ident_of(const ThreadRecord& record) { return record.ident().value_or(0); }

const char* stage_of(const ThreadRecord& record) {
  if (!record.ident()) return "initial";
  return record.has_ended() ? "stopped" : "started";
}

void print(std::ostream& out, const ThreadRecord& record) {
  out << "<Process name='" << record.name() << '\'';
  if (const auto ident = record.ident()) out << " ident=" << *ident;
  if (const auto& parent = record.parent()) out << " parent=" << ident_of(*parent);
  out << ' ' << stage_of(record);
  if (const auto code = record.exitcode(); code.value_or(0) != 0) out << " exitcode=" << *code;
  if (record.daemon()) out << " daemon";
  out << '>';
}

}  // namespace

Process::Process(std::unique_ptr<internal::Target> call, ProcessOptions options)
    : process_(make(std::move(call), std::move(options))) {}
Process::Process(std::shared_ptr<ThreadProcess> process) : process_(std::move(process)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

ThreadProcess& Process::state(const char* verb) const {
  if (process_) return *process_;
  throw ValueError(std::string("cannot ") + verb + ": the process " +
                   (is_closed_ ? "was closed" : "was moved from"));
}

const ThreadRecord& Process::record(const char* verb) const { return *state(verb).record(); }

void Process::start() { state("start").start(); }
bool Process::wait(internal::Timeout timeout) { return state("join").join(timeout); }

bool Process::is_alive() const {
  const ThreadRecord& its = record("ask whether it is alive");
  return its.ident().has_value() && !its.has_ended();
}

std::optional<int> Process::exitcode() const { return record("ask the exit code").exitcode(); }
std::optional<int> Process::ident() const { return record("ask the ident").ident(); }
std::string Process::name() const { return record("ask the name").name(); }
void Process::set_name(std::string name) {
  state("set the name").record()->set_name(std::move(name));
}
bool Process::daemon() const { return record("ask for the daemon flag").daemon(); }

void Process::set_daemon(bool daemon) {
  ThreadRecord& its = *state("set the daemon flag").record();
  if (its.ident())
    throw ProcessError("cannot set the daemon flag of '" + its.name() + "': it was started");
  its.set_daemon(daemon);
}

void Process::close() {
  if (is_closed_) return;
  if (is_alive()) throw ValueError("cannot close '" + name() + "': it runs; join it before");
  process_.reset();
  is_closed_ = true;
}

std::ostream& operator<<(std::ostream& out, const Process& process) {
  if (process.process_) {
    print(out, *process.process_->record());
    return out;
  }
  return out << (process.is_closed_ ? "<Process closed>" : "<Process moved from>");
}

std::vector<Process> active_children() {
  std::vector<Process> children;
  for (auto& child : internal::thread_children()) children.push_back(Process(std::move(child)));
  return children;
}

CurrentProcess current_process() { return CurrentProcess(internal::this_thread_record()); }

std::string CurrentProcess::name() const { return record_->name(); }
void CurrentProcess::set_name(std::string name) const { record_->set_name(std::move(name)); }
int CurrentProcess::ident() const { return ident_of(*record_); }
bool CurrentProcess::daemon() const { return record_->daemon(); }

std::ostream& operator<<(std::ostream& out, const CurrentProcess& process) {
  print(out, *process.record_);
  return out;
}

std::optional<ParentProcess> parent_process() {
  const auto& parent = internal::this_thread_record()->parent();
  if (!parent) return std::nullopt;
  return ParentProcess(parent);
}

std::string ParentProcess::name() const { return record_->name(); }
int ParentProcess::ident() const { return ident_of(*record_); }
bool ParentProcess::is_alive() const { return !record_->has_ended(); }
bool ParentProcess::wait(internal::Timeout timeout) const { return record_->await_end(timeout); }

}  // namespace mp::threads
