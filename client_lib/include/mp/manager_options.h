#pragma once

#include <functional>
#include <string>

#include "mp/lane.h"

namespace mp {

// What a manager does about an acquire that would close a deadlock: nobody in it could ever go on.
enum class Deadlocks {
  kFail,    // it fails with DeadlockError
  kReport,  // it waits, and the deadlock is logged and listed by administration
  kOff,     // it waits, and nobody looks
};

// A manager that this program starts.
struct ManagerOptions {
  // Where others reach it over gRPC too: "127.0.0.1:PORT", with port 0 for one that the kernel
  // chooses. Empty: only processes of this user on this host reach it. To serve other machines, run
  // mp-manager, which can have TLS.
  std::string address{};
  std::string token{};  // that is demanded of everybody else who comes to that address
  // Runs in the manager's process before it serves. Python: start(initializer, initargs).
  std::function<void()> initializer{};
  // How this process and its children reach it: not kInProcess.
  Lane lane = Lane::kLocal;
  LaneSpin spin{};  // of both their threads and the manager's
  Deadlocks deadlocks = Deadlocks::kFail;
};

}  // namespace mp
