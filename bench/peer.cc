#include "bench/peer.h"

#include <iostream>
#include <stdexcept>
#include <string_view>

#include "bench/workloads.h"

namespace mp::bench {
namespace {

constexpr int kWarmUpCalls = 200;

[[noreturn]] void fail(const char* why) { throw std::logic_error(why); }

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

void Peer::get_many(std::size_t /*count*/) { fail("this peer has no pipeline"); }
Repeated Peer::repeated(const std::string& what) {
  throw std::runtime_error("this peer has no workload '" + what + "'");
}
void Peer::fill(const Filling& /*filling*/) { fail("this peer keeps nothing"); }
void Peer::park(const std::string& /*kind*/, std::size_t /*commands*/) {
  fail("at this peer nothing waits");
}
void Peer::make_dicts(std::size_t /*count*/) { fail("this peer has no objects without a name"); }
void Peer::keep_lanes(std::size_t /*count*/) { fail("this peer has one connection"); }
void Peer::acquire() { fail("this peer has no locks"); }
void Peer::release() { fail("this peer has no locks"); }
void Peer::arrive(std::size_t /*parties*/) { fail("this peer has no barriers"); }
void Peer::put(const std::string& /*item*/) { fail("this peer has no queues"); }
std::string Peer::take() { fail("this peer has no queues"); }

int run_client(int argc, char** argv,
               const std::function<std::unique_ptr<Peer>(const Arguments&)>& connect) {
  try {
    const Arguments arguments(argc, argv);
    const std::unique_ptr<Peer> peer = connect(arguments);
    for (int i = 0; i < kWarmUpCalls; ++i) {
      peer->set();
      peer->get();
    }
    const std::function<std::string()> measure = workload_of(arguments, *peer);
    std::string line;
    std::cout << "ready" << std::endl;
    if (!std::getline(std::cin, line)) return 0;
    std::cout << measure() << std::endl;
    while (std::getline(std::cin, line)) continue;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

}  // namespace mp::bench
