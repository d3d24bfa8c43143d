#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/pool/orders.h"
#include "client_lib/local/process/birth.h"
#include "mp/internal/target.h"
#include "mp/local/connection.h"
#include "mp/start_method.h"

namespace mp::internal {

// The helper of a pool: a process that was started when the pool was made, does nothing but fork
// workers and await them, and has one thread. So a worker never is a copy of a process in the midst
// of something, and can be replaced at any time, whatever the program does.
//
//   pool ──ZygoteOrder──▶ zygote ──fork──▶ workers
//     ▲                      │                │
//     └── Event, by the pool's queue of events ┘
//
// It ends, and its workers with it, when the pool or the pool's process does, however that ends.
// Its own death is the end of its workers.
class Zygote {
 public:
  // `initializer`: what each worker calls first; may be null.
  // Errors: as Process::start().
  Zygote(StartMethod method, const WorkerRules& rules, const QueueCore& events,
         const std::shared_ptr<Target>& initializer);
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  // These return before anything has happened; events tell. An order to one that is dead is lost.
  void start_worker(std::size_t worker, WorkerPlace place);
  void signal_worker(std::size_t worker, int signal);

  bool has_ended() const;

  // Ends it and all workers: first by SIGTERM, then by SIGKILL. Blocks: until they are gone.
  void end() noexcept;

 private:
  Zygote(std::pair<Connection, Connection> ends, StartMethod method, const WorkerRules& rules,
         const QueueCore& events, const std::shared_ptr<Target>& initializer);

  void send(const ZygoteOrder& order);

  Connection orders_;
  Born born_;
};

}  // namespace mp::internal
