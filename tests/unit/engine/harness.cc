#include "tests/unit/engine/harness.h"

#include <barrier>
#include <cstdlib>
#include <thread>
#include <utility>

namespace mp::server::engine_test {

Manager::Manager(const Limits& limits, std::uint32_t shards, DeadlockPolicy deadlocks,
                 CustomTypes types)
    : engine(
          {.limits = limits,
           .shards = shards,
           .address = "here",
           .ticking = Engine::Ticking::kByHand,
           .deadlocks = deadlocks,
           .on_deadlock = [this](const v1::Deadlock& found) { found_deadlocks.push_back(found); },
           .custom_types = std::move(types)},
          clock),
      dispatcher(engine) {
  engine.tick();
}

void Manager::advance(Duration duration) {
  const Time end = clock.now() + duration;
  for (Time next = engine.tick(); next <= end; next = engine.tick())
    clock.set(std::max(next, clock.now()));
  clock.set(end);
  engine.tick();
}

void Manager::pause(Duration duration) {
  engine.tick();
  clock.set(clock.now() + duration);
  engine.tick();
}

void RecordingPort::append(const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  outcomes_.push_back(outcome);
}

void RecordingPort::append_bytes(std::string_view bytes) {
  v1::Outcome outcome;
  EXPECT_TRUE(outcome.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  append(outcome);
}

void RecordingPort::parked(std::uint32_t shard, Ticket ticket) {
  const MutexLock lock(mutex_);
  tickets.emplace_back(shard, ticket);
}

void RecordingPort::gave(const Gift& gift, const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  gifts.emplace_back(gift, outcome);
}

std::vector<v1::Outcome> RecordingPort::take() {
  const MutexLock lock(mutex_);
  return std::exchange(outcomes_, {});
}

Client::Client(Manager& manager) : Client(manager, *manager.engine.open_session({}, "local", {})) {}

Client::Client(Manager& manager, std::shared_ptr<Session> its_session)
    : session(std::move(its_session)), manager_(manager) {}

std::uint64_t Client::send(v1::Command command) {
  const std::uint64_t seq = ++last_seq_;
  sent_[seq] = std::move(command);
  send_as(seq, sent_[seq]);
  return seq;
}

void Client::send_as(std::uint64_t seq, const v1::Command& command) {
  v1::Outcome outcome;
  Deliveries deliveries;
  const Origin origin{.session = session,
                      .port = port,
                      .seq = session ? seq : 0,
                      .owner = command.owner(),
                      .caller_blocks = command.caller_blocks()};
  manager_.dispatcher.dispatch(command, origin, outcome, deliveries);
}

v1::Outcome Client::ask(v1::Command command) {
  const std::uint64_t seq = send(std::move(command));
  const std::vector<v1::Outcome> arrived = outcomes();
  EXPECT_EQ(arrived.size(), 1U);
  if (arrived.size() != 1) return {};
  EXPECT_EQ(arrived.front().seq(), session ? seq : 0);
  return arrived.front();
}

std::string Client::call(v1::Command command) { return text(ask(std::move(command))); }

std::uint64_t Client::make(v1::Command create) {
  const v1::Outcome outcome = ask(std::move(create));
  const std::string name =
      v1::Command::descriptor()->FindFieldByNumber(outcome.reply_case())->name();
  const auto* reply = v1::Outcome::descriptor()->FindFieldByName(name);
  const auto& created = outcome.GetReflection()->GetMessage(outcome, reply);
  return dynamic_cast<const v1::ObjectCreated&>(created).ref().id();
}

std::uint64_t Client::lock(const Which& lock) {
  const v1::Outcome outcome = ask(acquire(lock));
  EXPECT_TRUE(outcome.lock_acquire().acquired()) << text(outcome);
  return outcome.lock_acquire().token();
}

void Client::acknowledge_but(const std::vector<std::uint64_t>& unanswered) {
  const std::uint64_t next = last_seq_ + 1;
  std::vector<std::uint64_t> pairs;
  for (const std::uint64_t seq : unanswered) pairs.insert(pairs.end(), {seq, 1});
  pairs.insert(pairs.end(), {next, 1});
  session->acknowledge(pairs[0], {pairs.begin() + 2, pairs.end()});
}

void race(int rounds, const std::function<void()>& first, const std::function<void()>& second,
          const std::function<void()>& check) {
  std::barrier both(2);
  std::thread other([&] {
    for (int round = 0; round < rounds; ++round) {
      both.arrive_and_wait();
      second();
      both.arrive_and_wait();
    }
  });
  for (int round = 0; round < rounds; ++round) {
    both.arrive_and_wait();
    first();
    both.arrive_and_wait();
    check();
  }
  other.join();
}

std::vector<unsigned> random_seeds(unsigned count) {
  if (const char* chosen = std::getenv("MP_TEST_SEED"))
    return {static_cast<unsigned>(std::atoi(chosen))};
  std::vector<unsigned> seeds;
  for (unsigned seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

}  // namespace mp::server::engine_test

namespace mp::v1 {
void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.seq() << ": " << server::test::text(outcome);
}
}  // namespace mp::v1
