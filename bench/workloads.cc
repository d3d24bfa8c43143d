#include "bench/workloads.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bench/crowd.h"

namespace mp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Microseconds = std::chrono::duration<double, std::micro>;

using Workload = std::function<std::string()>;

double time_once(const std::function<void()>& operation) {
  const Clock::time_point start = Clock::now();
  operation();
  return Microseconds(Clock::now() - start).count();
}

// The sample below which `share` of all lie. Reorders them.
double quantile(std::vector<double>& samples, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(index),
                   samples.end());
  return samples[index];
}

// Computes for so long.
void work(Seconds pause) {
  const Clock::time_point start = Clock::now();
  while (Clock::now() - start < pause) continue;
}

// Each by itself; of several operations in turn, what one of them takes. Works for so long between
// two.
std::string latency(const Repeated& repeated, double seconds, Seconds pause = {}) {
  std::vector<double> samples;
  samples.reserve(1 << 20U);
  const auto each = static_cast<double>(repeated.operations);
  const Clock::time_point start = Clock::now();
  Seconds passed{};
  do {
    samples.push_back(time_once(repeated.once) / each);
    work(pause);
    passed = Clock::now() - start;
  } while (passed.count() < seconds);
  const double operations = each * static_cast<double>(samples.size());
  std::ostringstream json;
  json << R"({"operations": )" << operations << R"(, "p50": )" << quantile(samples, 0.5)
       << R"(, "p99": )" << quantile(samples, 0.99) << R"(, "per_second": )"
       << operations / passed.count() << "}";
  return json.str();
}

// All of them together.
std::string rate(const Repeated& repeated, double seconds) {
  const Clock::time_point start = Clock::now();
  std::size_t operations = 0;
  Seconds passed{};
  do {
    repeated.once();
    operations += repeated.operations;
    passed = Clock::now() - start;
  } while (passed.count() < seconds);
  return rate_of(operations, passed.count());
}

// The first call after each of `count` silences.
std::string silence(Peer& peer, std::size_t count, double seconds) {
  std::ostringstream json;
  json << R"({"samples": [)";
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(Seconds(seconds));
    json << (i == 0 ? "" : ", ") << time_once([&] { peer.get(); });
  }
  json << "]}";
  return json.str();
}

// What is done once, with so many.
std::string at_once(std::size_t count, const std::function<void()>& operation) {
  const double taken = time_once(operation);
  std::ostringstream json;
  json << R"({"operations": )" << count << R"(, "seconds": )" << taken / 1e6 << "}";
  return json.str();
}

std::string fill(Peer& peer, const std::string& into, std::size_t count, std::size_t bytes) {
  const auto text = [bytes](std::size_t i) {
    std::string digits = std::to_string(i);
    return std::string(bytes - std::min(bytes, digits.size()), '.') + digits;
  };
  return at_once(count, [&] { peer.fill({into, count, text}); });
}

Repeated warm(Repeated repeated) {
  for (int i = 0; i < 3; ++i) repeated.once();
  return repeated;
}

}  // namespace

Workload workload_of(const Arguments& arguments, Peer& peer) {
  const auto seconds = [&arguments] { return arguments.number("seconds"); };
  const auto count = [&arguments] { return arguments.count("count"); };
  const Repeated get{.once = [&peer] { peer.get(); }};
  const std::map<std::string, Workload> workloads = {
      {"get", [=] { return latency(get, seconds()); }},
      {"set", [=, &peer] { return latency({.once = [&peer] { peer.set(); }}, seconds()); }},
      {"think",
       [=, &arguments] { return latency(get, seconds(), Seconds(arguments.number("think"))); }},
      {"rate", [=] { return rate(get, seconds()); }},
      {"pipeline",
       [=, &peer] {
         return rate({[&peer, many = count()] { peer.get_many(many); }, count()}, seconds());
       }},
      {"silence", [=, &peer] { return silence(peer, count(), seconds()); }},
      {"fill",
       [=, &arguments, &peer] {
         return fill(peer, arguments.text("into"), count(), arguments.count("bytes"));
       }},
      {"park",
       [=, &arguments, &peer] {
         return at_once(count(), [&] { peer.park(arguments.text("kind"), count()); });
       }},
      {"dicts", [=, &peer] { return at_once(count(), [&] { peer.make_dicts(count()); }); }},
      {"lanes", [=, &peer] { return at_once(count(), [&] { peer.keep_lanes(count()); }); }},
      {"handover", [=, &arguments, &peer] { return hand_over(peer, arguments); }},
      {"barrier", [=, &arguments, &peer] { return meet(peer, arguments); }},
      {"produce", [=, &peer] { return produce(peer, seconds()); }},
      {"consume", [=, &peer] { return consume(peer); }},
  };
  const std::string& name = arguments.text("workload");
  if (const auto at = workloads.find(name); at != workloads.end()) return at->second;
  return [=, repeated = warm(peer.repeated(name))] { return latency(repeated, seconds()); };
}

}  // namespace mp::bench
