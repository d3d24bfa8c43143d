#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client_lib/manager/call.h"
#include "client_lib/manager/channel.h"
#include "client_lib/manager/lane.h"
#include "client_lib/manager/references.h"
#include "client_lib/manager/unanswered.h"
#include "client_lib/manager/watch_listeners.h"
#include "mp/internal/remote_object.h"
#include "mp/internal/timeout.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"

namespace mp::internal {

// This process's session with one manager: its id and secret, the sequence numbers of its commands,
// the objects that it refers to, and a channel for each thread that uses it.
//
// A session that the manager has ended (it was closed, or the manager restarted) is succeeded by a
// new one, its next *incarnation*: calls that were on their way fail with OutcomeUnknown, locks are
// lost, old references are NoSuchObject, and new calls work.
//
// Thread-safe. After fork: the child goes on with the session that was opened for it, or opens one
// of its own.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // Connects at once. Errors: ManagerUnavailable, AuthenticationError.
  static std::shared_ptr<Session> open(std::shared_ptr<Endpoint> endpoint, Timeout connect_timeout);
  explicit Session(std::shared_ptr<Endpoint> endpoint);
  ~Session();

  const Endpoint& endpoint() const { return *endpoint_; }
  // Where the manager is, in packed form (origin.h).
  const std::string& origin() const { return origin_; }
  std::uint64_t id() const;
  std::uint64_t incarnation() const { return incarnation_.load(std::memory_order_acquire); }
  Clock::duration default_deadline() const { return std::chrono::seconds(10); }

  // --- Calls. ---

  // Runs an operation and waits for its outcome. `title` is the object's, for messages.
  Reply call(wire::Operation operation, std::uint64_t object, std::string_view title,
             std::string_view request, const CallOptions& options);
  PendingReply start(wire::Operation operation, std::uint64_t object,
                     const std::shared_ptr<const std::string>& title, std::string_view request,
                     const CallOptions& options);
  // Ends the session: what this process holds is released. Later calls begin another.
  void close();
  // What was started on this thread and waits for company leaves now.
  void flush();

  // --- Watches. ---

  // The largest mark (watch_mark.h) of all replies so far.
  std::uint64_t watch_mark() const { return watch_mark_.load(std::memory_order_acquire); }
  WatchListeners& listeners() { return listeners_; }
  // After a reply, outside of all locks: who listens hears what it has brought.
  void tell_of_watches() {
    if (listeners_.any()) listeners_.tell(watch_mark_);
  }

  // A handle to an object that a reply named.
  std::shared_ptr<const RemoteObject> object(std::uint64_t id, std::string_view kind,
                                             std::string name);
  // The same, with a near cache of so many bytes (near_cache.h).
  std::shared_ptr<const RemoteObject> cached_object(std::uint64_t id, std::string_view kind,
                                                    std::string name, std::size_t most_bytes);
  // A handle to the object of an mp.v1.ObjectCreated. Errors: RemoteError if it names none.
  std::shared_ptr<const RemoteObject> created(const Reply& reply, std::string_view kind,
                                              std::string name);

  // Waits for a call. Errors: TimeoutError, OutcomeUnknown if it is not answered in time.
  void await(Channel& channel, Call& call, std::string_view title, const CallOptions& options);
  // Takes the outcome out of a call that is done. Throws what it means.
  Reply outcome_of(Call& call, std::string_view title, const CallOptions& options) const;

  // --- For channels. ---

  // An outcome says so much of the session's watches; gives its mark.
  std::uint64_t note_watch_events(std::uint64_t incarnation, std::uint64_t events);
  // A new number, and the acknowledgements that go with it.
  std::uint64_t begin_call();
  void end_calls(std::span<const std::uint64_t> seqs);
  // Appends the fields of a ClientFrame that say what is unanswered.
  void append_acknowledgement(std::string& frame);
  std::uint64_t max_message_bytes() const {
    return max_message_bytes_.load(std::memory_order_relaxed);
  }
  std::vector<References::Release> take_releases() { return references_->take_releases(); }
  // The references that an outcome grants, as the resolver of its values.
  std::shared_ptr<const wire::RefResolver> resolver_for(std::string_view retained);
  // Objects that a raw fork's child must refer to anew, once.
  std::vector<std::uint64_t> take_inherited();
  // Joins the session over a new connection; opens it, or its next incarnation, if need be.
  struct Joined {
    std::shared_ptr<LaneConnection> lane;  // null: see below
    std::string failure;                   // there is no way to the manager now: why
    std::string refusal;                   // the manager will not have us: why
    ErrorCode refusal_code = ErrorCode::kUnspecified;
    std::uint64_t incarnation = 0;

    bool ok() const { return lane != nullptr; }
  };
  Joined join(const Deadline& deadline);

  // --- For other processes. ---

  struct Credentials {
    std::uint64_t id = 0;
    std::string secret;
  };
  // A session that waits for a process to take it up: an mp.v1.SessionOpenChildRequest.
  Credentials open_child(const wire::Message& request);
  // Takes over what such a session refers to; the reply holds it.
  // Errors: NoSession if it is no more.
  Reply take(const Credentials& sent);

  // --- For forks; see forks.cc. ---

  void open_for_child();  // in the parent, before: asks for the child's session
  void forget_child();    // in the parent, after
  void lock_for_fork() {
    mutex_.lock();
    references_->lock_for_fork();
    listeners_.lock_for_fork();
  }
  void unlock_after_fork() {
    listeners_.unlock_after_fork();
    references_->unlock_after_fork();
    mutex_.unlock();
  }
  void become_child();  // in the child, instead of unlock_after_fork()

 private:
  Channel& channel();
  std::shared_ptr<Channel> channel_of_this_thread();
  std::string encode_hello(const Credentials& credentials) const;
  Joined greet(const Credentials& credentials, const Deadline& deadline);
  void read_welcome(wire::Fields& part, Welcomed& welcomed);
  void leak_in_child();
  bool take_spare(std::vector<std::shared_ptr<Channel>>& channels);
  void check_usable(std::string_view title) const;
  void check_size(std::size_t request, std::string_view title) const;
  Deadline deadline_for(const CallOptions& options) const;
  [[noreturn]] void fail_unanswered(const Call& call, std::string_view title) const;

  const std::uint64_t serial_;  // of this process's sessions, and of its children's
  const std::shared_ptr<Endpoint> endpoint_;
  const std::string origin_;
  std::mutex join_mutex_;  // one thread at a time joins
  mutable std::mutex mutex_;
  Credentials credentials_;                       // guarded by mutex_
  std::optional<Credentials> child_;              // guarded by mutex_
  Unanswered unanswered_;                         // guarded by mutex_
  std::vector<std::weak_ptr<Channel>> channels_;  // guarded by mutex_
  std::shared_ptr<LaneConnection> spare_;         // guarded by mutex_: for the first channel
  std::uint64_t last_owner_ = 0;                  // guarded by mutex_
  std::vector<std::uint64_t> inherited_;          // guarded by mutex_
  bool forked_ = false;                           // a child that can't use the parent's road
  // Counts up, and no mark of the one before is valid any more.
  void begin_incarnation();

  std::atomic<std::uint64_t> incarnation_{0};
  std::atomic<std::uint64_t> watch_mark_{0};
  WatchListeners listeners_;
  std::atomic<std::uint64_t> max_message_bytes_{64ULL << 20U};
  const std::shared_ptr<References> references_ = std::make_shared<References>();
};

}  // namespace mp::internal
