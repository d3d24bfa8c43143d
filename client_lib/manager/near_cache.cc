#include "client_lib/manager/near_cache.h"

#include <utility>

#include "client_lib/manager/watch_mark.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/wire/fields.h"

namespace mp::internal {
namespace {

using wire::Operation;

// Fields of the requests and replies.
constexpr std::uint32_t kKey = 3;         // of a Dict's operations
constexpr std::uint32_t kDictValue = 4;   // of a Dict's Set
constexpr std::uint32_t kNumber = 3;      // of a SharedValue's Set
constexpr std::uint32_t kReplyValue = 1;  // of Get, Add and Update
constexpr unsigned char kDelimited = 2;
constexpr std::size_t kShortest = 128;  // from here on a length takes a second byte

// Larger replies are asked for again: they would push out many small ones.
constexpr std::size_t kLargestReply = 64 << 10U;
// A reply of mp.v1.Watch/Next below this holds all that there was.
constexpr std::size_t kFullReply = 1U << 20U;

// As fields of mp.v1.Value: what has one form on the wire, and refers to no object.
bool is_scalar(std::string_view value) {
  return !value.empty() && (static_cast<unsigned char>(value.front()) >> 3U) <= 7;
}
// A float may be a key in two forms, 0.0 and -0.0.
bool is_plain_key(std::string_view value) {
  constexpr unsigned kFloat = 5;
  return is_scalar(value) && (static_cast<unsigned char>(value.front()) >> 3U) != kFloat;
}

// The key that a read asks for; none if that is not one of those that are kept here.
std::optional<std::string_view> key_of(Operation operation, std::string_view request) {
  if (operation == Operation::kSharedValueGet) return std::string_view();
  if (operation != Operation::kDictGet && operation != Operation::kDictContains)
    return std::nullopt;
  constexpr unsigned char kTag = kKey << 3U | kDelimited;
  if (request.size() < 3 || static_cast<unsigned char>(request[0]) != kTag) return std::nullopt;
  const auto length = static_cast<unsigned char>(request[1]);
  if (length >= kShortest || request.size() != 2U + length) return std::nullopt;
  const std::string_view key = request.substr(2);
  return is_plain_key(key) ? std::optional(key) : std::nullopt;
}

// The reply to a Get that finds this mp.v1.Value.
std::string reply_with(std::string_view value) {
  std::string reply;
  wire::Piece()
      .tag(kReplyValue, wire::WireType::length_delimited)
      .varint(value.size())
      .append_to(reply);
  return reply.append(value);
}

std::string_view field_of(wire::Fields fields, std::uint32_t number) {
  std::string_view found;
  while (fields.next()) {
    if (fields.field() == number) found = fields.bytes();
  }
  return found;
}

}  // namespace

CachedObject::State::State(std::size_t most_bytes)
    : generation(fork_generation()), replies(most_bytes) {}

CachedObject::CachedObject(std::shared_ptr<Session> session, std::shared_ptr<Reference> reference,
                           std::string kind, std::string name, std::size_t most_bytes)
    : SessionObject(std::move(session), std::move(reference), std::move(kind), std::move(name)),
      most_bytes_(most_bytes),
      state_(new State(most_bytes)) {}

CachedObject::~CachedObject() {
  const State* state = state_.load();
  if (state->generation == fork_generation()) delete state;
}

CachedObject::State& CachedObject::state() const {
  State* state = state_.load(std::memory_order_acquire);
  if (state->generation == fork_generation()) return *state;
  auto fresh = std::make_unique<State>(most_bytes_);
  // The parent's is left as it is, perhaps locked.
  if (state_.compare_exchange_strong(state, fresh.get())) return *fresh.release();
  return *state;
}

bool CachedObject::up_to_date(const State& state) const {
  return covers(state.applied.load(std::memory_order_acquire), session()->watch_mark());
}

Reply CachedObject::call(Operation operation, const wire::Message& request,
                         const CallOptions& options) const {
  State& state = this->state();
  const auto key = options.fence ? std::nullopt : key_of(operation, request.bytes());
  if (!key) {
    Reply reply = SessionObject::call(operation, request, options);
    learn(state, operation, request.bytes(), reply);
    return reply;
  }
  const bool usable = up_to_date(state) || catch_up(state);
  using Known = CachedReplies::Known;
  std::string known_reply;
  const Known known = usable ? state.replies.find(*key, known_reply) : Known::kNothing;
  if (operation == Operation::kDictContains && known != Known::kNothing) {
    static constexpr std::string_view kYes("\x08\x01", 2);
    return Reply(std::string(known == Known::kPresent ? kYes : std::string_view()), nullptr);
  }
  if (known == Known::kPresent) return Reply(std::move(known_reply), nullptr);
  // What at() throws names the manager's reason.
  if (known == Known::kAbsent && options.tolerated == ErrorCode::kKeyError)
    return Reply(ErrorCode::kKeyError);
  Reply reply = SessionObject::call(operation, request, options);
  if (usable) keep(state, operation, *key, reply);
  return reply;
}

void CachedObject::keep(State& state, Operation operation, std::string_view key,
                        const Reply& reply) const {
  if (operation == Operation::kDictContains || reply.refers()) return;
  if (!reply.ok())
    return state.replies.insert(key, std::nullopt, reply.version(), reply.watch_mark());
  if (reply.bytes().size() > kLargestReply) return;
  state.replies.insert(key, reply.bytes(), reply.version(), reply.watch_mark());
}

bool CachedObject::catch_up(State& state) const {
  bool read = true;
  {
    const NothingIsTold reading_events;
    const std::lock_guard lock(state.reading);
    if (up_to_date(state)) return true;
    try {
      if (state.watch == nullptr ||
          !same_incarnation(state.applied.load(), session()->watch_mark())) {
        begin(state);
      } else {
        read_events(state);
      }
    } catch (const Error&) {
      // Whoever reads asks the manager then, and hears from it what is wrong.
      state.applied.store(0);
      state.watch.reset();
      state.replies.restart(0, 0);
      read = false;
    }
  }
  session()->tell_of_watches();
  return read;
}

void CachedObject::begin(State& state) const {
  constexpr std::uint32_t kWatchedId = 4;
  constexpr std::uint32_t kNewValues = 7;
  wire::Message request;
  request.fixed64(kWatchedId, id());
  request.boolean(kNewValues, true);
  const Reply reply =
      session()->call(Operation::kWatchCreate, 0, "near cache", request.bytes(), {});
  state.replies.restart(reply.version(), reply.watch_mark());
  state.watch = session()->created(reply, "watch", {});
  state.applied.store(reply.watch_mark(), std::memory_order_release);
}

void CachedObject::read_events(State& state) const {
  constexpr std::uint32_t kTimeout = 3;
  constexpr std::uint32_t kEvents = 1;
  wire::Message request;
  request.duration(kTimeout, std::chrono::nanoseconds::zero());
  CallOptions options;
  options.may_wait = true;  // the outcome gives events, and is to be taken
  options.wait = std::chrono::nanoseconds::zero();
  for (;;) {
    const Reply reply = state.watch->call(Operation::kWatchNext, request, options);
    for (wire::Fields fields = reply.fields(); fields.next();) {
      if (fields.field() == kEvents) apply(state, fields.message(), reply);
      if (state.watch == nullptr) return;  // the object is gone
    }
    if (reply.bytes().size() < kFullReply) {
      state.applied.store(reply.watch_mark(), std::memory_order_release);
      return;
    }
  }
}

void CachedObject::apply(State& state, wire::Fields event, const Reply& reply) const {
  std::uint64_t version = 0;
  bool afresh = false;
  bool deleted = false;
  for (wire::Fields fields = event; fields.next();) {
    if (fields.field() == 2) version = fields.uint();
    if (fields.field() == 5 || fields.field() == 6) afresh = afresh || fields.boolean();
    if (fields.field() == 7) deleted = fields.boolean();
  }
  if (deleted) {
    state.applied.store(0);
    state.watch.reset();
    return state.replies.restart(0, 0);
  }
  if (afresh) return state.replies.restart(version, reply.watch_mark());
  // First of all, so that no thread keeps an older reply of a key whose change has been passed
  // over.
  state.replies.advance(version);
  while (event.next()) {
    if (event.field() == 4) apply_change(state, event.message(), version, reply.refers());
  }
}

void CachedObject::apply_change(State& state, wire::Fields change, std::uint64_t version,
                                bool refers) {
  std::string_view key;
  std::optional<std::string_view> now;
  while (change.next()) {
    if (change.field() == 1) key = change.bytes();
    if (change.field() == 3) now = change.bytes();
  }
  if (!now) return state.replies.apply(key, std::nullopt, version);
  if (now->size() > kLargestReply || (refers && !is_scalar(*now)))
    return state.replies.forget(key, version);
  state.replies.apply(key, reply_with(*now), version);
}

// The event of a write needs not be read, if nothing else has happened since the last one.
void CachedObject::learn(State& state, Operation operation, std::string_view request,
                         const Reply& reply) const {
  std::string_view key;
  std::string_view value;
  switch (operation) {
    case Operation::kDictSet:
      value = field_of(wire::Fields(request), kDictValue);
      key = field_of(wire::Fields(request), kKey);
      break;
    case Operation::kDictAdd:
      value = field_of(reply.fields(), kReplyValue);
      key = field_of(wire::Fields(request), kKey);
      break;
    case Operation::kSharedValueSet:
      value = field_of(wire::Fields(request), kNumber);
      break;
    case Operation::kSharedValueUpdate:
      value = field_of(reply.fields(), kReplyValue);
      break;
    default:
      return;
  }
  if (!is_scalar(value) || value.size() > kLargestReply) return;
  if (operation == Operation::kDictSet || operation == Operation::kDictAdd) {
    if (!is_plain_key(key) || key.size() >= kShortest) return;
  }
  const std::unique_lock lock(state.reading, std::try_to_lock);
  if (!lock || reply.watch_mark() != state.applied.load() + 1 ||
      reply.version() != state.replies.version() + 1) {
    return;
  }
  state.replies.advance(reply.version());
  state.replies.insert(key, reply_with(value), reply.version(), reply.watch_mark());
  state.applied.store(reply.watch_mark(), std::memory_order_release);
}

std::shared_ptr<const RemoteObject> Session::cached_object(std::uint64_t id, std::string_view kind,
                                                           std::string name,
                                                           std::size_t most_bytes) {
  auto reference = references_->find(id);
  if (!reference) reference = references_->unowned(id);
  return std::make_shared<CachedObject>(shared_from_this(), std::move(reference), std::string(kind),
                                        std::move(name), most_bytes);
}

}  // namespace mp::internal
