#include "server/engine/engine.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "server/engine/collector.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

std::uint64_t milliseconds_since_2024() {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): for the calendar's literals
  const auto start = sys_days{year{2024} / January / 1};
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now() - start).count());
}

// The same in every run and on every machine, so that a name keeps its shard: FNV-1a.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash ^ (hash >> 32U);
}

}  // namespace

Engine::Engine(Options options, const Clock& clock)
    : options_(std::move(options)),
      address_(options_.address),
      clock_(clock),
      epoch_(milliseconds_since_2024()),
      sessions_(options_.limits),
      next_collection_(clock.now() + options_.limits.collection_period),
      ticker_([this] { return tick(clock_.now()); }) {
  for (std::uint32_t i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, epoch_, clock_, options_.limits,
                                              [this](Time when) { ticker_.wake_at(when); }));
  }
  ticker_.wake_at(Time::min());
}

Engine::~Engine() { shut_down(); }

Shard& Engine::shard_of(const Target& target) {
  if (target.id != 0) return *shards_[Shard::index_of(target.id) % shards_.size()];
  return *shards_[hash_of(target.name) % shards_.size()];
}

Shard& Engine::next_shard() {
  return *shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
}

absl::StatusOr<std::shared_ptr<Session>> Engine::open_session(const v1::ClientInfo& client, std::string lane,
                                                              std::optional<Duration> time_to_live) {
  if (is_shut_down()) return error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down");
  const Time now = clock_.now();
  const Duration ttl = time_to_live.value_or(options_.limits.session_time_to_live);
  auto session = sessions_.open(client, std::move(lane), now, ttl);
  if (session.ok()) ticker_.wake_at(now);  // to keep the beat from now on
  return session;
}

void Engine::unwatch(SessionId id, std::optional<Duration> time_to_live) {
  const Time now = clock_.now();
  const Duration ttl = time_to_live.value_or(options_.limits.session_time_to_live);
  sessions_.unwatch(id, now, ttl);
  ticker_.wake_at(now);
}

void Engine::end_wait(SessionId id) {
  const Time now = clock_.now();
  sessions_.end_wait(id, now);
  ticker_.wake_at(now);
}

void Engine::end_session(const std::shared_ptr<Session>& session) {
  if (!session->end()) return;
  Deliveries deliveries;
  for (const auto& shard : shards_) {
    Section section(*shard, deliveries);
    // A command that was inside a section when the mark was set has left it by now: its gift is among these.
    for (const auto& [gift, bytes] : session->unacknowledged_gifts()) {
      if (&shard_of(Target{.name = {}, .id = gift.object}) != shard.get()) continue;
      v1::Outcome outcome;
      if (outcome.ParseFromString(bytes)) section.take_back(gift, outcome);
    }
    section.end_session(session->id());
  }
  sessions_.erase(session->id());
  deliveries.flush();
  session->close_connections();
}

std::uint64_t Engine::collect() {
  const std::uint64_t removed = Collector(*this).run();
  objects_.fetch_sub(removed, std::memory_order_relaxed);
  return removed;
}

std::uint64_t Engine::number_of_objects() {
  collect();
  return objects_.load(std::memory_order_relaxed);
}

void Engine::shut_down() {
  if (shut_down_.exchange(true, std::memory_order_acq_rel)) return;
  Deliveries deliveries;
  for (const auto& shard : shards_) {
    Section section(*shard, deliveries);
    section.dissolve_waiters(error(v1::MANAGER_SHUT_DOWN, "the manager was shut down while the command waited"));
  }
}

absl::Status Engine::require_memory() {
  const std::uint64_t limit = options_.limits.max_memory_bytes;
  if (limit == 0) return absl::OkStatus();
  // What the allocator has handed out is asked for now and then only: asking takes longer than a command.
  if (memory_checks_.fetch_add(1, std::memory_order_relaxed) % 256 == 0) {
    const struct mallinfo2 info = mallinfo2();
    memory_short_.store(info.uordblks + info.hblkhd > limit, std::memory_order_relaxed);
  }
  if (!memory_short_.load(std::memory_order_relaxed)) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED, absl::StrCat("the manager holds more than ", limit,
                                                " bytes (limit --max-memory-bytes); only commands that free memory run"));
}

absl::Status Engine::require_object_room() {
  if (objects_.load(std::memory_order_relaxed) < options_.limits.max_objects) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED, absl::StrCat("the manager holds ", options_.limits.max_objects,
                                                " objects and may hold no more (limit --max-objects)"));
}

// Does what is due at `now`, and says when to be called next.
Time Engine::tick(Time now) {
  const Duration time_to_live = options_.limits.session_time_to_live;
  if (beat_due_ && now - *beat_due_ > time_to_live / 4) {
    // This whole process did not run, and read no sign of life: nobody shall lose a session by that.
    sessions_.extend_all(now - *beat_due_);
  }
  for (const auto& shard : shards_) {
    if (shard->next_deadline() > now) continue;
    Deliveries deliveries;
    const Section section(*shard, deliveries);  // expires what is due
  }
  for (const std::shared_ptr<Session>& session : sessions_.expired(now)) end_session(session);
  if (now >= next_collection_) {
    collect();
    next_collection_ = clock_.now() + options_.limits.collection_period;
  }

  Time next = Time::max();
  for (const auto& shard : shards_) next = std::min(next, shard->next_deadline());
  beat_due_.reset();
  if (const auto expiry = sessions_.next_expiry()) {
    beat_due_ = now + time_to_live / 8;
    next = std::min({next, *expiry, *beat_due_});
  }
  if (objects_.load(std::memory_order_relaxed) != 0) next = std::min(next, next_collection_);
  return next;
}

}  // namespace mp::server
