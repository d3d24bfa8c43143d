#include "server/engine/engine.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/collector.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

constexpr std::chrono::system_clock::time_point kBeginOf2024 =
    std::chrono::sys_days{std::chrono::year{2024} / std::chrono::January / 1};

std::uint64_t milliseconds_since_2024() {
  const auto since = std::chrono::system_clock::now() - kBeginOf2024;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

// The same in every run and on every machine, so that a name keeps its shard: FNV-1a.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash ^ (hash >> 32U);
}

// One event fits into a message in any case, with what was there and what is there.
Engine::Options consistent(Engine::Options options) {
  Limits& limits = options.limits;
  limits.objects.max_watch_bytes =
      std::min(limits.objects.max_watch_bytes, limits.max_message_bytes / 2);
  return options;
}

}  // namespace

Engine::Engine(Options options, const Clock& clock)
    : options_(consistent(std::move(options))),
      address_(options_.address),
      clock_(clock),
      epoch_(milliseconds_since_2024()),
      sessions_(options_.limits, epoch_),
      custom_calls_({.types = options_.custom_types,
                     .threads = options_.custom_threads,
                     .most_calls = options_.limits.max_custom_calls},
                    [this](ObjectId object, CallId call, CallResult result) {
                      end_call(object, call, std::move(result));
                    }),
      deadlocks_(*this, options_.deadlocks, options_.on_deadlock),
      next_collection_(later(clock.now(), options_.limits.collection_period)) {
  for (std::uint32_t i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, epoch_, clock_, options_.limits, directory_,
                                              deadlocks_.waits(),
                                              [this](Time when) { wake_at(when); }));
  }
  if (options_.ticking == Ticking::kByItself)
    ticker_ = std::make_unique<Ticker>([this] { return tick(); });
}

Engine::~Engine() {
  shut_down();
  stop_custom_calls(Duration::max());
}

std::chrono::system_clock::time_point Engine::started() const {
  return kBeginOf2024 + std::chrono::milliseconds(epoch_);
}

Shard& Engine::shard_of(const Target& target) {
  if (target.id != 0) return *shards_[Shard::index_of(target.id) % shards_.size()];
  if (const auto moved = directory_.shard_of(target.name)) return *shards_[*moved];
  return *shards_[hash_of(target.name) % shards_.size()];
}

void Engine::locate_name(std::string_view name, std::uint32_t shard) {
  if (hash_of(name) % shards_.size() == shard) {
    directory_.forget(name);
  } else {
    directory_.move(name, shard);
  }
}

Shard& Engine::next_shard() {
  return *shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
}

absl::StatusOr<std::shared_ptr<Session>> Engine::open_session(
    const v1::ClientInfo& client, std::string lane, std::optional<Duration> time_to_live) {
  if (is_shut_down()) return error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down");
  const Time now = clock_.now();
  const Duration ttl = time_to_live.value_or(options_.limits.session_time_to_live);
  auto session = sessions_.open(client, std::move(lane), now, ttl);
  if (session.ok()) wake_at(now);  // to keep the beat from now on
  return session;
}

void Engine::unwatch(SessionId id, std::optional<Duration> time_to_live) {
  const Time now = clock_.now();
  const Duration ttl = time_to_live.value_or(options_.limits.session_time_to_live);
  sessions_.unwatch(id, now, ttl);
  wake_at(now);
}

void Engine::end_wait(SessionId id) {
  const Time now = clock_.now();
  sessions_.end_wait(id, now);
  wake_at(now);
}

bool Engine::end_session(const std::shared_ptr<Session>& session, Ending ending,
                         const std::function<void(Deliveries&)>& last_word) {
  if (!session->end()) return false;
  Deliveries deliveries;
  for (const auto& shard : shards_) {
    // A command that was inside when the mark was set has left by now; those that come find the
    // mark.
    Section section(*shard, deliveries);
    section.end_session(*session, ending);
  }
  deadlocks_.look();
  sessions_.erase(session->id());
  if (last_word) last_word(deliveries);
  deliveries.flush();
  session->close();
  return true;
}

std::uint64_t Engine::collect() { return Collector(*this).run(); }

void Engine::shut_down() {
  if (shut_down_.exchange(true, std::memory_order_acq_rel)) return;
  dissolve_waiters("the manager was shut down while the command waited");
}

std::vector<std::string> Engine::stop_custom_calls(Duration patience) {
  std::vector<std::string> left = custom_calls_.stop(patience);
  dissolve_waiters("the manager was shut down while the method ran");
  return left;
}

void Engine::dissolve_waiters(std::string_view why) {
  Deliveries deliveries;
  for (const auto& shard : shards_) {
    Section section(*shard, deliveries);
    section.dissolve_waiters(error(v1::MANAGER_SHUT_DOWN, why));
  }
}

// What the result keeps goes outside of the section.
void Engine::end_call(ObjectId object, CallId call, CallResult result) {
  Deliveries deliveries;
  bool added = false;
  {
    Section section(shard_of({.name = {}, .id = object}), deliveries);
    added = section.end_call(object, call, result, require_object_room());
  }
  if (added) expect_garbage();
}

absl::Status Engine::require_memory(std::uint64_t more_bytes) {
  const std::uint64_t limit = options_.limits.max_memory_bytes;
  if (limit == 0) return absl::OkStatus();
  // What the allocator has handed out is asked for now and then only, since asking takes longer
  // than a command; and for every command that alone would make a difference.
  constexpr std::uint64_t kMuch = 1ULL << 20U;
  const bool look = memory_checks_.fetch_add(1, std::memory_order_relaxed) % 256 == 0;
  std::uint64_t held = 0;  // if it was looked at
  if (look || more_bytes >= kMuch) {
    const struct mallinfo2 info = mallinfo2();
    held = info.uordblks + info.hblkhd;
    memory_short_.store(held > limit, std::memory_order_relaxed);
  }
  if (memory_short_.load(std::memory_order_relaxed)) {
    return error(
        v1::LIMIT_EXCEEDED,
        absl::StrCat("the manager holds more than ", limit,
                     " bytes (limit --max-memory-bytes); only commands that free memory run"));
  }
  if (more_bytes < kMuch || held + more_bytes <= limit) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED,
               absl::StrCat("the manager holds ", held, " bytes, would get ", more_bytes,
                            " more, and may hold ", limit, " (limit --max-memory-bytes)"));
}

absl::Status Engine::require_memory_for(const Operation& operation,
                                        const google::protobuf::Message& request) {
  if (operation.growth != Growth::kGrows || options_.limits.max_memory_bytes == 0)
    return absl::OkStatus();
  return require_memory(request.ByteSizeLong());
}

absl::Status Engine::require_object_room() {
  if (objects() < options_.limits.max_objects) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED,
               absl::StrCat("the manager holds ", options_.limits.max_objects,
                            " objects and may hold no more (limit --max-objects)"));
}

void Engine::expect_garbage() {
  // The first one gives the collector a reason to come by.
  if (objects() == 1) wake_at(clock_.now());
}

void Engine::wake_at(Time when) {
  if (ticker_) ticker_->wake_at(when);
}

// Where this whole process did not run, and read no sign of life, nobody shall lose a session by
// that.
void Engine::forgive_pause(Time now) {
  if (!beat_due_ || now <= *beat_due_) return;
  const Duration pause = now - *beat_due_;
  if (pause > sessions_.shortest_time_to_live() / 4) sessions_.extend_all(pause);
}

Time Engine::tick() {
  const Time now = clock_.now();
  forgive_pause(now);
  for (const auto& shard : shards_) {
    if (shard->next_deadline() > now) continue;
    Deliveries deliveries;
    const Section section(*shard, deliveries);  // expires what is due
  }
  for (const std::shared_ptr<Session>& session : sessions_.expired(now)) end_session(session);
  if (now >= next_collection_) {
    collect();
    next_collection_ = later(clock_.now(), options_.limits.collection_period);
  }
  deadlocks_.look();

  Time next = Time::max();
  for (const auto& shard : shards_) next = std::min(next, shard->next_deadline());
  beat_due_.reset();
  if (const auto expiry = sessions_.next_expiry()) {
    beat_due_ = now + sessions_.shortest_time_to_live() / 8;
    next = std::min({next, *expiry, *beat_due_});
  }
  if (objects() != 0) next = std::min(next, next_collection_);
  return next;
}

}  // namespace mp::server
