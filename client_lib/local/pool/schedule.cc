#include "client_lib/local/pool/schedule.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mp::internal {
namespace {

// So much work a worker may have in hand, that it need not wait for more.
constexpr double kWorkInHand = 400'000;  // ns
constexpr double kMostInHand = 128;
constexpr double kNewest = 0.125;  // its weight in the mean

}  // namespace

bool Schedule::Hand::has_room(const Task& task, std::size_t depth) const {
  if (!is_open || (task.wire && !wire_is_free)) return false;
  if (tasks.empty()) return true;
  return tasks.size() < depth && !task.is_alone() && !tasks.front().is_alone();
}

// Also that of a worker which nobody has heard of.
Schedule::Hand& Schedule::hand_of(std::size_t worker) {
  if (hands_.size() <= worker) hands_.resize(worker + 1);
  return hands_[worker];
}

void Schedule::open(std::size_t worker) {
  hand_of(worker).is_open = true;
  free_wire(worker);
}
void Schedule::shut(std::size_t worker) { hand_of(worker).is_open = false; }

std::optional<std::size_t> Schedule::next() {
  if (waiting_.empty()) return std::nullopt;
  std::optional<std::size_t> chosen;
  for (std::size_t worker = 0; worker < hands_.size(); ++worker) {
    if (!hands_[worker].has_room(waiting_.front(), depth_)) continue;
    if (!chosen || hands_[worker].tasks.size() < hands_[*chosen].tasks.size()) chosen = worker;
  }
  if (!chosen) return std::nullopt;
  auto& tasks = hands_[*chosen].tasks;
  tasks.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
  ++in_hand_;
  return chosen;
}

std::optional<std::size_t> Schedule::whom_to_take_from() const {
  const auto idle = std::ranges::count_if(
      hands_, [](const Hand& hand) { return hand.is_open && hand.tasks.empty(); });
  if (std::cmp_greater_equal(waiting_.size(), idle)) return std::nullopt;
  const auto richest = std::ranges::max_element(
      hands_, {}, [](const Hand& hand) { return hand.is_open ? hand.tasks.size() : 0; });
  if (richest->tasks.size() < 2) return std::nullopt;
  return static_cast<std::size_t>(std::distance(hands_.begin(), richest));
}

void Schedule::learn(std::chrono::nanoseconds took) {
  const auto time = static_cast<double>(took.count());
  mean_ = mean_ ? *mean_ + kNewest * (time - *mean_) : time;
  depth_ =
      static_cast<std::size_t>(std::clamp(kWorkInHand / std::max(*mean_, 1.0), 1.0, kMostInHand));
}

std::optional<Task> Schedule::finish(std::size_t worker, std::uint64_t task,
                                     std::chrono::nanoseconds took) {
  auto& tasks = hand(worker);
  const auto found = std::ranges::find(tasks, task, &Task::id);
  if (found == tasks.end()) return std::nullopt;
  Task finished = std::move(*found);
  tasks.erase(found);
  --in_hand_;
  learn(took);
  return finished;
}

void Schedule::take_back(std::size_t worker, const std::vector<std::uint64_t>& taken) {
  auto& tasks = hand(worker);
  for (auto id = taken.rbegin(); id != taken.rend(); ++id) {
    const auto found = std::ranges::find(tasks, *id, &Task::id);
    if (found == tasks.end()) continue;
    if (found->wire) hand_of(worker).wire_is_free = false;
    waiting_.push_front(std::move(*found));
    tasks.erase(found);
    --in_hand_;
  }
}

std::vector<Task> Schedule::take_lost(std::size_t worker) {
  auto& tasks = hand(worker);
  std::vector<Task> lost(std::make_move_iterator(tasks.begin()),
                         std::make_move_iterator(tasks.end()));
  in_hand_ -= tasks.size();
  tasks.clear();
  return lost;
}

// The last one is the only one of which the worker may not have told yet what came of it.
Schedule::Withdrawn Schedule::withdraw(std::size_t worker,
                                       const std::function<bool(const Task&)>& condition) {
  auto& tasks = hand(worker);
  Withdrawn withdrawn{.tasks = {}, .may_run = !tasks.empty() && condition(tasks.back())};
  const auto found =
      std::ranges::stable_partition(tasks, [&](const Task& task) { return !condition(task); });
  std::ranges::move(found, std::back_inserter(withdrawn.tasks));
  tasks.erase(found.begin(), tasks.end());
  in_hand_ -= withdrawn.tasks.size();
  return withdrawn;
}

std::vector<Task> Schedule::take_waiting(const std::function<bool(const Task&)>& condition) {
  std::vector<Task> taken;
  std::deque<Task> others;
  for (Task& task : waiting_) {
    if (condition(task)) {
      taken.push_back(std::move(task));
    } else {
      others.push_back(std::move(task));
    }
  }
  waiting_ = std::move(others);
  return taken;
}

std::vector<Task> Schedule::take_all() {
  std::vector<Task> all;
  for (std::size_t worker = 0; worker < hands_.size(); ++worker) {
    for (Task& task : take_lost(worker)) all.push_back(std::move(task));
  }
  for (Task& task : take_waiting([](const Task&) { return true; })) all.push_back(std::move(task));
  return all;
}

std::vector<Schedule::Timed> Schedule::timed() {
  std::vector<Timed> timed;
  for (std::size_t worker = 0; worker < hands_.size(); ++worker) {
    auto& tasks = hands_[worker].tasks;
    // Such a task is alone.
    if (tasks.empty() || !(tasks.front().limits.soft || tasks.front().limits.hard)) continue;
    timed.push_back({worker, &tasks.front()});
  }
  return timed;
}

}  // namespace mp::internal
