#include "tests/linearizability/search.h"

#include <sstream>
#include <tuple>

namespace mp::linearizability {

Timeline::Timeline(const History& history)
    : invocations_(history.size()), returns_(history.size(), kEnd) {
  using Moment = std::tuple<std::int64_t, bool, std::size_t>;  // an invocation before a return
  std::vector<Moment> moments;
  for (std::size_t i = 0; i < history.size(); ++i) {
    moments.emplace_back(history[i].invoked, false, i);
    if (!history[i].pending()) moments.emplace_back(history[i].returned, true, i);
  }
  std::ranges::sort(moments);
  events_.resize(moments.size() + 1);
  for (std::size_t event = 1; event < events_.size(); ++event) {
    const auto& [time, is_return, operation] = moments[event - 1];
    events_[event] = {.operation = operation, .is_return = is_return, .previous = event - 1};
    events_[event - 1].next = event;
    (is_return ? returns_ : invocations_)[operation] = event;
    returns_left_ += is_return ? 1U : 0U;
  }
  events_[kEnd].previous = events_.size() - 1;
}

void Timeline::unlink(std::size_t event) {
  events_[events_[event].previous].next = events_[event].next;
  events_[events_[event].next].previous = events_[event].previous;
}

void Timeline::link(std::size_t event) {
  events_[events_[event].previous].next = event;
  events_[events_[event].next].previous = event;
}

void Timeline::take(std::size_t operation) {
  unlink(invocations_[operation]);
  if (returns_[operation] == kEnd) return;
  unlink(returns_[operation]);
  --returns_left_;
}

void Timeline::put_back(std::size_t operation) {
  if (returns_[operation] != kEnd) {
    link(returns_[operation]);
    ++returns_left_;
  }
  link(invocations_[operation]);
}

std::string explain(const History& history, const std::vector<std::size_t>& longest) {
  std::ostringstream out;
  const std::int64_t origin = history.empty() ? 0 : history.front().invoked;
  std::vector<bool> placed(history.size());
  out << "this order is as far as one can come";
  for (const std::size_t operation : longest) {
    out << "\n  " << to_text(history[operation], origin);
    placed[operation] = true;
  }
  out << "\nand these are left";
  for (std::size_t i = 0; i < history.size(); ++i)
    if (!placed[i]) out << "\n  " << to_text(history[i], origin);
  return std::move(out).str();
}

}  // namespace mp::linearizability
