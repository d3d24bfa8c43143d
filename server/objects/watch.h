#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mp/v1/watch.pb.h"
#include "server/objects/change_log.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A reader's place in the log of another object of its shard (change_log.h), and its filter.
//
//             logged                    next                     deleted is read
//   up to date ─────► has unread events ────► up to date   … ───────────────────► over
//        ▲                   │ falls off the log
//        └──── next: resync ─┴──────────────────► has lost events
//
// Invariant: unread_ is the number of events from next_ on that pass the filter, unless some were
// lost; without any, next_ is the end of the log.
class Watch final : public Object, private ChangeLog::Reader {
 public:
  static absl::StatusOr<std::unique_ptr<Watch>> create(const v1::WatchCreateRequest&,
                                                       const ObjectLimits&, const Related& watched);
  static Target related(const v1::WatchCreateRequest&);
  static std::span<const Operation> operations();

  // What passes: changes of these keys, or all if there are none; with what was there and is there.
  struct Filter {
    std::vector<Value> keys;
    bool old_values = false;
    bool new_values = false;

    bool passes(const ChangeLog::Event& event) const;
    bool passes(const ChangeLog::Change& change) const;
  };

  Watch(std::shared_ptr<ChangeLog> log, std::uint64_t watched_id, Filter filter);
  ~Watch() override { leave(); }

  absl::Status next(const v1::WatchNextRequest&, v1::WatchNextReply&, Call&);

  // WRONG_KIND if it watches another object.
  absl::Status require_match(const v1::WatchCreateRequest&, const Related& watched) const;

  // Begins after this version of that object, if the log reaches back to it; else with a resync.
  void resume(const v1::WatchPosition& position);
  // Whose session's count of events it raises from now on; null: nobody's.
  void count_for(std::shared_ptr<std::atomic<std::uint64_t>> counter);
  // It is told of no event any more.
  void leave() { log_->detach(*this); }
  std::uint64_t watched_id() const { return watched_id_; }
  std::uint64_t watched_version() const { return log_->version(); }

  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket ticket) override { waiters_.remove(ticket); }
  void owner_gone(SessionId session, Step&) override { waiters_.remove_session(session); }
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step& step) override { waiters_.dissolve(why, step); }

  std::uint64_t length() const override { return unread_; }
  std::size_t heap_bytes() const override;
  std::string note() const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  // All that reading changes.
  struct Place {
    std::uint64_t next = 0;  // the number of the first event that was not looked at
    std::uint64_t unread = 0;
    bool lost = false;
    bool over = false;
  };

  bool logged(const ChangeLog::Event& event) override;
  std::uint64_t id() const override { return id_; }

  bool has_news() const { return unread_ != 0 || lost_; }
  absl::Status require_watched() const;
  void read(std::uint32_t limit, v1::WatchNextReply& reply, Answer answer);
  void resynchronize(v1::WatchNextReply& reply);
  void describe(v1::WatchNextReply& reply) const;
  void write(const ChangeLog::Event& event, v1::WatchEvent& wire, Answer& answer) const;
  void go_to(std::uint64_t number);
  Place place() const { return {next_, unread_, lost_, over_}; }
  void restore(const Place& place);

  const std::shared_ptr<ChangeLog> log_;
  const std::uint64_t watched_id_;
  const Filter filter_;
  std::uint64_t id_ = 0;
  std::uint64_t next_;
  std::uint64_t unread_ = 0;
  bool lost_ = false;
  bool over_ = false;  // the event that says that the object is gone was read
  std::uint64_t counted_ = 0;
  std::shared_ptr<std::atomic<std::uint64_t>> counter_;
  Waiters<std::uint32_t> waiters_;  // with their limits
};

}  // namespace mp::server
