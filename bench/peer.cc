#include "bench/peer.h"

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kWarmUpCalls = 200;

// One workload: what it does again and again, and what it says of that.
using Operation = std::function<void()>;

double time_once(const Operation& operation) {
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

// Each round trip by itself.
std::string latency(const Operation& operation, double seconds) {
  std::vector<double> samples;
  samples.reserve(1 << 20U);
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
  do {
    samples.push_back(time_once(operation));
  } while (Clock::now() < end);
  std::ostringstream json;
  json << R"({"operations": )" << samples.size() << R"(, "p50": )" << quantile(samples, 0.5)
       << R"(, "p99": )" << quantile(samples, 0.99) << "}";
  return json.str();
}

// All of them together. `each`: how many operations one call is.
std::string rate(const Operation& operation, std::size_t each, double seconds) {
  const Clock::time_point start = Clock::now();
  std::size_t operations = 0;
  Seconds passed{};
  do {
    operation();
    operations += each;
    passed = Clock::now() - start;
  } while (passed.count() < seconds);
  std::ostringstream json;
  json << R"({"operations": )" << operations << R"(, "per_second": )"
       << static_cast<double>(operations) / passed.count() << "}";
  return json.str();
}

// The first call after each of `count` silences.
std::string silence(const Operation& operation, std::size_t count, double seconds) {
  std::ostringstream json;
  json << R"({"samples": [)";
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(Seconds(seconds));
    json << (i == 0 ? "" : ", ") << time_once(operation);
  }
  json << "]}";
  return json.str();
}

std::string fill(Peer& peer, std::size_t entries, std::size_t bytes) {
  const auto text = [bytes](std::size_t i) {
    std::string digits = std::to_string(i);
    return std::string(bytes - std::min(bytes, digits.size()), '.') + digits;
  };
  const double taken = time_once([&] { peer.fill(entries, text); });
  std::ostringstream json;
  json << R"({"operations": )" << entries << R"(, "seconds": )" << taken / 1e6 << "}";
  return json.str();
}

std::string park(Peer& peer, std::size_t commands) {
  const double taken = time_once([&] { peer.park(commands); });
  std::ostringstream json;
  json << R"({"operations": )" << commands << R"(, "seconds": )" << taken / 1e6 << "}";
  return json.str();
}

std::string measure(const Arguments& arguments, Peer& peer) {
  const std::string& workload = arguments.text("workload");
  const Operation get = [&peer] { peer.get(); };
  if (workload == "fill") return fill(peer, arguments.count("count"), arguments.count("bytes"));
  if (workload == "park") return park(peer, arguments.count("count"));
  const double seconds = arguments.number("seconds");
  if (workload == "get") return latency(get, seconds);
  if (workload == "set") return latency([&peer] { peer.set(); }, seconds);
  if (workload == "rate") return rate(get, 1, seconds);
  const std::size_t count = arguments.count("count");
  if (workload == "silence") return silence(get, count, seconds);
  if (workload == "pipeline") return rate([&] { peer.get_many(count); }, count, seconds);
  throw std::runtime_error("there is no workload '" + workload + "'");
}

}  // namespace

Arguments::Arguments(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) values_[argv[i]] = argv[i + 1];
}

const std::string& Arguments::text(const std::string& name) const {
  const auto at = values_.find("--" + name);
  if (at == values_.end()) throw std::runtime_error("--" + name + " is missing");
  return at->second;
}

double Arguments::number(const std::string& name) const { return std::stod(text(name)); }

std::size_t Arguments::count(const std::string& name) const { return std::stoull(text(name)); }

Address::Address(const std::string& text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    path = text.substr(kUnix.size());
    return;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    throw std::runtime_error("'" + text + "' is neither unix:PATH nor HOST:PORT");
  host = text.substr(0, colon);
  port = std::stoi(text.substr(colon + 1));
}

void Peer::get_many(std::size_t /*count*/) { throw std::logic_error("this peer has no pipeline"); }

void Peer::fill(std::size_t /*entries*/, const std::function<std::string(std::size_t)>& /*text*/) {
  throw std::logic_error("this peer keeps nothing");
}

void Peer::park(std::size_t /*commands*/) { throw std::logic_error("at this peer nothing waits"); }

int run_client(int argc, char** argv,
               const std::function<std::unique_ptr<Peer>(const Arguments&)>& connect) {
  try {
    const Arguments arguments(argc, argv);
    const std::unique_ptr<Peer> peer = connect(arguments);
    for (int i = 0; i < kWarmUpCalls; ++i) {
      peer->set();
      peer->get();
    }
    std::string line;
    std::cout << "ready" << std::endl;
    if (!std::getline(std::cin, line)) return 0;
    std::cout << measure(arguments, *peer) << std::endl;
    while (std::getline(std::cin, line)) continue;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

}  // namespace mp::bench
