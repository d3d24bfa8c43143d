#include <algorithm>
#include <chrono>
#include <limits>

#include "client_lib/local/pool/dispatch.h"
#include "mp/internal/raised.h"
#include "mp/logging.h"

// What workers say, and what their ends mean for their tasks.

namespace mp::internal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRestartWindow(1);

std::exception_ptr lost(const Member& member, int exitcode) {
  const std::string how = exitcode < 0 ? "was killed by signal " + std::to_string(-exitcode)
                                       : "exited with code " + std::to_string(exitcode);
  return std::make_exception_ptr(WorkerLost("worker '" + member.place.name.to_string() + "' (pid " +
                                                std::to_string(member.pid) + ") " + how +
                                                " in the middle of the task",
                                            member.pid, exitcode));
}

}  // namespace

void PoolCore::Dispatch::handle(std::string_view frame) {
  const auto header = take_header<EventHeader>(frame);
  const std::size_t worker = header.worker;
  if (is_over() || worker >= crew_.members().size()) return;
  Member& member = crew_.member(worker);
  switch (header.event) {
    case Event::kStarted:
      member.pid = static_cast<int>(header.value);
      if (member.state != Member::State::kStarting) break;  // it is to stop already
      member.state = Member::State::kRunning;
      schedule_.open(worker);
      break;
    case Event::kNotStarted:
      member.state = Member::State::kGone;
      unstarted_ = std::make_exception_ptr(
          ProcessError("cannot start worker '" + member.place.name.to_string() +
                       "' of a pool: fork failed" + errno_text(static_cast<int>(header.value))));
      replace(worker, false);
      break;
    case Event::kUnfit:
      break_down("the initializer of worker '" + member.place.name.to_string() + "' has thrown " +
                 internal::describe(unpack_exception(frame)));
      break;
    case Event::kReply:
      handle_reply(header, frame);
      break;
    case Event::kSkipped:
      schedule_.free_wire(worker);
      break;
    case Event::kEnded:
      handle_end(worker, static_cast<int>(header.value));
      break;
    case Event::kReady:
      member.is_ready = true;
      unready_ends_ = 0;
      break;
    case Event::kNudge:
      break;
  }
}

void PoolCore::Dispatch::handle_reply(const EventHeader& header, std::string_view body) {
  Member& member = crew_.member(header.worker);
  member.has_done_something = true;
  auto task = schedule_.finish(header.worker, header.task, std::chrono::nanoseconds(header.value));
  std::optional<Parcelled> wire;
  if (header.by_wire == 0) {
    member.place.wire.forget();
  } else {
    // Also if nobody asks for it any more: or the wire would fill, and its worker wait for ever.
    try {
      wire = member.place.wire.receive(header.task);
    } catch (const std::exception&) {
      if (task) failures_.emplace_back(std::move(*task), std::current_exception());
      return;
    }
  }
  if (!task) return;
  if (wire) ++member.unread;
  deliveries_.push_back(
      {.task = std::move(*task), .worker = header.worker, .reply = body, .wire = std::move(wire)});
}

void PoolCore::Dispatch::handle_end(std::size_t worker, int exitcode) {
  Member& member = crew_.member(worker);
  const bool was_asked_to = member.state == Member::State::kStopping;
  member.state = Member::State::kGone;
  schedule_.shut(worker);
  schedule_.take_back(worker, crew_.take_back(worker, std::numeric_limits<std::size_t>::max()));
  bool was_of_use = member.has_done_something || member.doom != nullptr;
  if (!member.is_ready && !was_of_use && !was_asked_to) ++unready_ends_;
  for (Task& task : schedule_.take_lost(worker)) {
    was_of_use = true;
    if (member.doom) {
      failures_.emplace_back(std::move(task), member.doom);
    } else if (task.limits.retries > 0) {
      --task.limits.retries;
      schedule_.add(std::move(task));
    } else {
      failures_.emplace_back(std::move(task), lost(member, exitcode));
    }
  }
  get_logger().debug([&] {
    return "worker " + member.place.name.to_string() + " ended with exit code " +
           std::to_string(exitcode);
  });
  if (!was_asked_to) replace(worker, was_of_use);
}

void PoolCore::Dispatch::replace(std::size_t worker, bool was_of_use) {
  if (state_ == State::kEnding || members_there() >= target_) return;
  if (!was_of_use) {
    const auto now = Clock::now();
    useless_ends_.push_back(now);
    while (now - useless_ends_.front() > kRestartWindow) useless_ends_.pop_front();
    if (std::cmp_greater(useless_ends_.size(), most_restarts_)) {
      break_down(std::to_string(useless_ends_.size()) +
                 " of its workers have ended within a second without having done anything");
      return;
    }
  }
  if (unready_ends_ > most_restarts_) {
    break_down(std::to_string(unready_ends_) +
               " of its workers in a row have ended before their initializer had returned");
    return;
  }
  try {
    crew_.start(worker);
  } catch (const Error& error) {
    if (members_there() == 0) throw;
    get_logger().warning([&] { return std::string("a pool lacks a worker: ") + error.what(); });
  }
}

// Those for which there was no room in the system when they were due.
void PoolCore::Dispatch::replace_missing() {
  for (std::size_t worker = 0; worker < crew_.members().size() && !is_over(); ++worker) {
    if (!crew_.member(worker).is_there()) replace(worker, true);
  }
}

std::size_t PoolCore::Dispatch::members_there() const {
  return static_cast<std::size_t>(std::ranges::count_if(crew_.members(), &Member::is_working));
}

}  // namespace mp::internal
