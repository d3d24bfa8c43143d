#include "mp/process.h"

#include <unistd.h>

#include <csignal>
#include <string>
#include <typeinfo>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/process_state.h"
#include "client_lib/local/process/this_process.h"
#include "client_lib/local/process/uncaught.h"
#include "client_lib/local/start/start.h"

namespace mp {

using internal::LockedProcess;
using internal::ProcessState;
using internal::ThisProcess;

namespace {

std::shared_ptr<ProcessState> make_state(std::unique_ptr<internal::Target> target,
                                         ProcessOptions options) {
  const LockedProcess self;
  auto identity = self->identity;
  identity.push_back(++self->children_made);
  auto name = options.name.empty() ? internal::default_name(identity) : std::move(options.name);
  return std::make_shared<ProcessState>(ProcessState{
      .creator = ::getpid(),
      .identity = std::move(identity),
      .start_method = options.start_method,
      .name = std::move(name),
      .daemon = options.daemon.value_or(self->daemon),
      .target = std::move(target),
  });
}

std::string cannot(const char* verb, const ProcessState& process) {
  return std::string("cannot ") + verb + " process '" + process.name + "': ";
}

void require_open(const char* verb, const ProcessState& process) {
  if (process.closed)
    throw ValueError(std::string("cannot ") + verb + ": process object is closed");
}

void require_ours(const char* verb, const ProcessState& process) {
  if (process.creator == ::getpid()) return;
  throw ProcessError(cannot(verb, process) + "it is a child of another process, pid " +
                     std::to_string(process.creator));
}

void require_started(const char* verb, const ProcessState& process) {
  if (!process.pid) throw ProcessError(cannot(verb, process) + "it was not started");
}

}  // namespace

Process::Process(std::unique_ptr<internal::Target> target, ProcessOptions options)
    : state_(make_state(std::move(target), std::move(options))) {}
Process::Process(ProcessOptions options)
    : Process(std::unique_ptr<internal::Target>(), std::move(options)) {}
Process::Process(std::shared_ptr<ProcessState> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

ProcessState& Process::state(const char* verb) const {
  if (state_) return *state_;
  throw ValueError(std::string("cannot ") + verb + ": process object was moved from");
}

void Process::start() {
  state("start");
  internal::start(state_, {.run = [this] { run(); }, .pack = [this] { return pack(); }});
}

void Process::run() {
  std::unique_ptr<internal::Target> target;
  {
    ProcessState& process = state("run");
    const LockedProcess self;
    target = std::move(process.target);
  }
  if (target) target->run();
}

internal::Parcel Process::pack() const {
  if (typeid(*this) != typeid(Process)) {
    throw TypeError("an object of type " + internal::readable_name(typeid(*this)) +
                    " can't be sent to a child that is not forked: derive its class from "
                    "mp::SendableProcess, and give it a Codec or an MP_RECORD");
  }
  // Unlocked: it runs what others wrote, and until the start nobody takes the target away.
  const internal::Target* target = state("start").target.get();
  return target != nullptr ? target->pack() : internal::Parcel();
}

void Process::become_this_process() {
  ProcessState& process = state("run");
  const LockedProcess self;
  process.name = self->name;
  process.identity = self->identity;
  process.daemon = self->daemon;
  process.pid = ::getpid();
  if (self->parent) process.creator = self->parent->pid;
  self->own_state = &process;
  self->children_made = 0;
}

bool Process::wait(internal::Timeout timeout) {
  const auto deadline = internal::deadline_after(timeout);
  const ProcessState& process = state("join");
  {
    const LockedProcess self;
    require_open("join", process);
    if (self->own_state == &process) {
      throw ProcessError(cannot("join", process) + "a process cannot wait for its own end");
    }
    require_ours("join", process);
    require_started("join", process);
  }
  return internal::wait_and_reap(state_, deadline);
}

bool Process::is_alive() const {
  ProcessState& process = state("test");
  const LockedProcess self;
  require_open("test", process);
  if (self->own_state == &process) return true;
  require_ours("test", process);
  return process.pid && !internal::reap(*self, process);
}

std::optional<int> Process::exitcode() const {
  ProcessState& process = state("ask the exit code");
  const LockedProcess self;
  require_open("ask the exit code", process);
  if (self->own_state == &process) return std::nullopt;
  require_ours("ask the exit code of", process);
  if (process.pid) internal::reap(*self, process);
  return process.exitcode;
}

std::optional<int> Process::pid() const {
  const ProcessState& process = state("ask the pid");
  const LockedProcess self;
  require_open("ask the pid", process);
  if (self->own_state == &process) return ::getpid();
  return process.pid;
}

std::string Process::name() const {
  const ProcessState& process = state("ask the name");
  const LockedProcess self;
  require_open("ask the name", process);
  return self->own_state == &process ? self->name : process.name;
}

void Process::set_name(std::string name) {
  ProcessState& process = state("name");
  const LockedProcess self;
  require_open("name", process);
  if (self->own_state == &process) self->name = name;
  process.name = std::move(name);
}

bool Process::daemon() const {
  const ProcessState& process = state("ask whether it is a daemon");
  const LockedProcess self;
  require_open("ask whether it is a daemon", process);
  return process.daemon;
}

void Process::set_daemon(bool daemon) {
  ProcessState& process = state("make it a daemon");
  const LockedProcess self;
  require_open("make it a daemon", process);
  if (process.pid || self->own_state == &process) {
    throw ProcessError("cannot change whether process '" + process.name +
                       "' is a daemon: it was started");
  }
  process.daemon = daemon;
}

void Process::send(int signal, const char* verb) {
  ProcessState& process = state(verb);
  const LockedProcess self;
  require_open(verb, process);
  require_ours(verb, process);
  require_started(verb, process);
  if (internal::reap(*self, process)) return;
  const int error = internal::send_signal(*process.pidfd, signal);
  if (error != 0)
    throw ProcessError(cannot(verb, process) + "no signal" + internal::errno_text(error));
}

void Process::terminate() { send(SIGTERM, "terminate"); }
void Process::kill() { send(SIGKILL, "kill"); }
void Process::interrupt() { send(SIGINT, "interrupt"); }

void Process::close() {
  ProcessState& process = state("close");
  const LockedProcess self;
  if (process.closed) return;
  require_ours("close", process);
  if (process.pid && !internal::reap(*self, process)) {
    throw ValueError(cannot("close", process) + "it is running as pid " +
                     std::to_string(*process.pid) + "; join or terminate it first");
  }
  process.closed = true;
  process.sentinel.reset();
  process.pidfd.reset();
}

int Process::sentinel() const {
  const ProcessState& process = state("ask the sentinel");
  const LockedProcess self;
  require_open("ask the sentinel", process);
  require_ours("ask the sentinel of", process);
  if (!process.pid) throw ValueError(cannot("ask the sentinel of", process) + "it was not started");
  return process.sentinel->get();
}

std::vector<Process> active_children() {
  const LockedProcess self;
  internal::reap_ended(*self);
  std::vector<Process> result;
  for (const auto& child : self->children) result.push_back(Process(child));
  return result;
}

}  // namespace mp
