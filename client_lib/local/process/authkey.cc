#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/this_process.h"
#include "mp/current_process.h"
#include "mp/errors.h"
#include "mp/internal/inheritance.h"

// The key that a family of processes shares. A program that asks for none does not link this file.

namespace mp {

using internal::LockedProcess;

namespace {

constexpr std::size_t kBytes = 32;

Bytes random_key() {
  std::string random(kBytes, '\0');
  if (::getentropy(random.data(), random.size()) != 0) {
    throw ProcessError("cannot make an authkey" + internal::errno_text(errno));
  }
  return Bytes(std::move(random));
}

// Guarded by LockedProcess, so that a forked child finds it in one piece.
Bytes& key_of(const LockedProcess&) {
  static auto* const key = new Bytes(random_key());  // never destroyed: at_exit() handlers ask too
  return *key;
}

// While static objects are made, so that children have it also by a raw fork().
[[maybe_unused]] const bool registered = [] {
  key_of(LockedProcess());
  internal::register_inheritance(
      {.name = "authkey",
       .pack = [] { return key_of(LockedProcess()).to_string(); },
       .unpack = [](std::string_view key) { key_of(LockedProcess()) = Bytes(key); }});
  return true;
}();

}  // namespace

Bytes CurrentProcess::authkey() const { return key_of(LockedProcess()); }

void CurrentProcess::set_authkey(Bytes authkey) const {
  key_of(LockedProcess()) = std::move(authkey);
}

}  // namespace mp
