#include "client_lib/local/pool/zygote.h"

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "client_lib/local/guardian/guardian.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/pool/zygote_main.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"
#include "mp/errors.h"
#include "mp/internal/plain_bytes.h"

namespace mp::internal {
namespace {

constexpr const char* kName = "PoolZygote";

// What a zygote is sent that is not forked from the pool's process.
struct ZygoteLuggage {
  Connection orders;
  QueueCore events;
  WorkerRules rules;
  std::string initializer_code;  // empty: there is none
  Bytes initializer;
};

class ArrivedZygote final : public Call {
 public:
  explicit ArrivedZygote(std::string_view bytes) : luggage_(read_plain<ZygoteLuggage>(bytes)) {
    if (luggage_.initializer_code.empty()) return;
    using Unpack = std::remove_pointer_t<decltype(Parcel::unpack)>;
    initializer_ = decode_function<Unpack>(luggage_.initializer_code)(luggage_.initializer.view());
  }

  static std::unique_ptr<Call> unpack(std::string_view bytes) {
    return std::make_unique<ArrivedZygote>(bytes);
  }

  void run() override {
    zygote_main(luggage_.orders, luggage_.events, luggage_.rules, initializer_.get());
  }

 private:
  ZygoteLuggage luggage_;
  std::unique_ptr<Call> initializer_;
};

Parcel pack_zygote(const Connection& orders, const QueueCore& events, const WorkerRules& rules,
                   const Target* initializer) {
  ZygoteLuggage luggage{.orders = orders,
                        .events = events,
                        .rules = rules,
                        .initializer_code = {},
                        .initializer = {}};
  if (initializer != nullptr) {
    const Parcel parcel = initializer->pack();
    luggage.initializer_code = encode_function(parcel.unpack);
    luggage.initializer = Bytes(parcel.bytes);
  }
  Parcel parcel{.unpack = &ArrivedZygote::unpack};
  write_plain(parcel.bytes, luggage);
  return parcel;
}

// It is nobody's daemon and stands in no list of children: it ends by itself with its pool.
ProcessState unlisted(StartMethod method) {
  return {.creator = ::getpid(),
          .identity = {},
          .start_method = method,
          .name = kName,
          .target = nullptr};
}

Born start_zygote(StartMethod method, const Work& work) {
  prepare_exit_of_first_process();
  ForkGuard guard;
  const GuardedStart unguarded(/*is_daemon=*/false, kName);
  if (method == StartMethod::kFork) guard.run_before_hooks();
  ProcessState state = unlisted(method);
  try {
    return bear(state, work, method, unguarded);
  } catch (const StillBorn& stillborn) {
    throw ProcessError("cannot start the workers of a pool: " + stillborn.reason);
  }
}

}  // namespace

Zygote::Zygote(StartMethod method, const WorkerRules& rules, const QueueCore& events,
               const std::shared_ptr<Target>& initializer)
    : Zygote(Pipe(), method, rules, events, initializer) {}

Zygote::Zygote(std::pair<Connection, Connection> ends, StartMethod method, const WorkerRules& rules,
               const QueueCore& events, const std::shared_ptr<Target>& initializer)
    : orders_(std::move(ends.first)) {
  const Connection& its = ends.second;
  const Work work{.run =
                      [&] {
                        its.close_other_end();
                        zygote_main(its, events, rules, initializer.get());
                      },
                  .pack = [&] { return pack_zygote(its, events, rules, initializer.get()); }};
  born_ = start_zygote(method, work);
  its.close();
}

Zygote::~Zygote() { end(); }

void Zygote::start_worker(std::size_t worker, WorkerPlace place) {
  send({.command = ZygoteCommand::kStart,
        .worker = static_cast<std::uint32_t>(worker),
        .place = std::move(place)});
}

void Zygote::signal_worker(std::size_t worker, int signal) {
  send({.command = ZygoteCommand::kSignal,
        .worker = static_cast<std::uint32_t>(worker),
        .signal = signal});
}

void Zygote::send(const ZygoteOrder& order) {
  try {
    orders_.send(order);
  } catch (const ConnectionError&) {
    if (!has_ended()) throw;
  }
}

bool Zygote::has_ended() const {
  return wait_ended(born_.pidfd, deadline_after(std::chrono::nanoseconds(0)));
}

void Zygote::end() noexcept {
  // Who was forked meanwhile, other pools' helpers among them, has a copy of this end.
  if (!orders_.closed()) ::shutdown(orders_.fileno(), SHUT_WR);
  orders_.close();
  if (!born_.pidfd.is_open()) return;
  try {
    wait_ended(born_.pidfd, std::nullopt);
    reap_child(born_.pidfd);
  } catch (const Error&) {
    // Its descriptor was closed behind our back: nobody can wait for it.
  }
  born_.pidfd.close();
}

}  // namespace mp::internal
