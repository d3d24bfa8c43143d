#include "client_lib/local/pool/crew.h"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "client_lib/local/pool/frames.h"
#include "client_lib/local/start/launch.h"

namespace mp::internal {
namespace {

constexpr std::size_t kUnbounded = 0;

// As in Python: ForkPoolWorker-1.
std::string name_of_workers(StartMethod method) {
  switch (method) {
    case StartMethod::kSpawn:
      return "SpawnPoolWorker-";
    case StartMethod::kForkserver:
      return "ForkServerPoolWorker-";
    case StartMethod::kFork:
      break;
  }
  return "ForkPoolWorker-";
}

}  // namespace

Crew::Crew(StartMethod method, const WorkerRules& rules, const std::shared_ptr<Target>& initializer)
    : name_(name_of_workers(method)),
      events_(kUnbounded),
      zygote_(method, rules, events_, initializer) {}

std::size_t Crew::add_place() {
  SocketPair pair;
  const std::size_t number = members_.size();
  members_.push_back({.place = {.name = Bytes(name_ + std::to_string(number + 1)),
                                .tasks = QueueCore(kUnbounded),
                                .wire = Wire(std::move(pair.ours)),
                                .stopping = RawValue<std::uint64_t>(0)}});
  return number;
}

// With a new wire, as the old one may hold half of what its last worker sent.
void Crew::start(std::size_t worker) {
  Member& member = members_.at(worker);
  SocketPair pair;
  WorkerPlace place = member.place;
  place.wire = Wire(std::move(pair.theirs));
  zygote_.start_worker(worker, std::move(place));
  member.place.wire = Wire(std::move(pair.ours));
  member.state = Member::State::kStarting;
  member.pid = 0;
  member.is_ready = false;
  member.has_done_something = false;
  member.doom = nullptr;
}

void Crew::stop(std::size_t worker) {
  Member& member = members_.at(worker);
  tell_to_stop(member);
  member.state = Member::State::kStopping;
}

void Crew::tell_to_stop(const Member& member) const {
  const TaskHeader header{.command = Command::kStop};
  member.place.tasks.put(bytes_of_header(header), std::nullopt);
}

void Crew::kill(std::size_t worker, int signal) { zygote_.signal_worker(worker, signal); }

void Crew::ask_to_stop(std::size_t worker, std::uint64_t task) {
  members_.at(worker).place.stopping.set(task);
  kill(worker, SIGUSR1);
}

void Crew::give(std::size_t worker, std::span<Task* const> tasks) {
  const Member& member = members_.at(worker);
  std::vector<std::string_view> frames;
  frames.reserve(tasks.size());
  for (Task* const task : tasks) {
    if (task->wire) {
      member.place.wire.send(task->id, *task->wire);
      const std::uint64_t is_read = member.unread == 0 ? 1 : 0;
      std::memcpy(task->frame.data() + offsetof(TaskHeader, replies_are_read), &is_read,
                  sizeof is_read);
    }
    frames.emplace_back(task->frame);
  }
  member.place.tasks.put(frames, std::nullopt);
}

void Crew::tell_to_skip(const Member& member, std::uint64_t task) const {
  const TaskHeader header{.command = Command::kSkip, .task = task};
  member.place.tasks.put(bytes_of_header(header), std::nullopt);
}

std::vector<std::uint64_t> Crew::take_back(std::size_t worker, std::size_t most) {
  const Member& member = members_.at(worker);
  Frames taken;
  taken.take(member.place.tasks, most, std::chrono::nanoseconds::zero());
  std::vector<std::uint64_t> tasks;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::string_view frame = taken[i];
    const auto header = take_header<TaskHeader>(frame);
    if (header.command == Command::kRun) tasks.push_back(header.task);
    const bool is_on_wire = header.by_wire != 0 || header.command == Command::kSkip;
    if (is_on_wire && member.is_there()) tell_to_skip(member, header.task);
    if (header.command == Command::kStop && member.state == Member::State::kStopping)
      tell_to_stop(member);
  }
  return tasks;
}

}  // namespace mp::internal
