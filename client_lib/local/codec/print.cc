#include <string.h>  // NOLINT(modernize-deprecated-headers): sigabbrev_np is in this one only
#include <unistd.h>

#include <ostream>
#include <string>

#include "client_lib/local/process/children.h"
#include "client_lib/local/process/process_state.h"
#include "client_lib/local/process/this_process.h"
#include "mp/current_process.h"
#include "mp/process.h"

// Processes in print, as Python's repr() has them.

namespace mp {
namespace {

using internal::LockedProcess;
using internal::ProcessState;
using internal::ThisProcess;

std::string quoted(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const bool has_double = text.find('"') != std::string::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') result += '\\';
    result += c;
  }
  return result + quote;
}

// `-SIGTERM` for -15, and `3` for 3.
std::string exitcode_text(int exitcode) {
  const char* name = exitcode < 0 ? ::sigabbrev_np(-exitcode) : nullptr;
  return name != nullptr ? std::string("-SIG") + name : std::to_string(exitcode);
}

std::string status(ThisProcess& self, ProcessState& process) {
  if (self.own_state == &process) return "started";
  if (process.closed) return "closed";
  if (process.creator != ::getpid()) return "unknown";
  if (!process.pid) return "initial";
  internal::reap(self, process);
  return process.exitcode ? "stopped exitcode=" + exitcode_text(*process.exitcode) : "started";
}

std::string describe(ThisProcess& self, ProcessState& process) {
  const bool is_this_process = self.own_state == &process;
  std::string text = "<Process name=" + quoted(is_this_process ? self.name : process.name);
  if (process.pid) text += " pid=" + std::to_string(*process.pid);
  text += " parent=" + std::to_string(process.creator) + ' ' + status(self, process);
  if (process.daemon) text += " daemon";
  return text + '>';
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Process& process) {
  if (!process.state_) return out << "<Process moved from>";
  std::string text;
  {
    const LockedProcess self;
    text = describe(*self, *process.state_);
  }
  return out << text;
}

std::ostream& operator<<(std::ostream& out, const CurrentProcess&) {
  std::string text;
  {
    const LockedProcess self;
    const auto& parent = self->parent;
    text = (parent ? "<Process name=" : "<_MainProcess name=") + quoted(self->name) +
           " parent=" + (parent ? std::to_string(parent->pid) : "None") + " started" +
           (self->daemon ? " daemon>" : ">");
  }
  return out << text;
}

}  // namespace mp
