#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client_lib/manager/call.h"
#include "client_lib/manager/lane.h"

namespace mp::internal {

class Session;

// One thread's road to the manager: a connection, and the calls that are on it. It has no thread of
// its own: whoever waits for an outcome reads, one at a time, and completes the others' calls too.
// What is unanswered when the connection breaks is sent again over the next one.
//
// Thread-safe: a future may be waited for from any thread.
class Channel {
 public:
  // `owner`: the handle of the thread, which owns what is acquired through this channel.
  Channel(Session& session, std::uint64_t owner);
  ~Channel();

  std::uint64_t owner() const { return owner_; }

  // Puts a call on its way; it leaves with the next flush at the latest. One that may wait is to be
  // taken or given up.
  std::shared_ptr<Call> start(wire::Operation operation, std::uint64_t object,
                              std::string_view request, const CallOptions& options);
  void flush();
  // The last command of a session, for whose outcome nobody waits. False, and nothing is sent, if
  // there is no connection.
  bool send_last(wire::Operation operation);
  // Takes over a connection on which nothing was sent yet, unless it has one.
  void adopt(std::shared_ptr<LaneConnection> lane, std::uint64_t incarnation);
  // Waits until the call is done, or until `deadline`: then false. `outage` bounds how long it may
  // be without a manager.
  bool await(Call& call, const Deadline& deadline, Clock::duration outage);
  // The outcome is in its caller's hands: the manager need not keep it any more.
  void taken(const Call& call);
  // Nobody waits for the call any more: what it waits for is not to be granted, or to be given
  // back.
  void give_up(const Call& call);

  // The session is over.
  void close();
  // In a forked child, where the connection is the parent's and the mutex may be anybody's.
  void close_in_child();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void append_command(const Call& call);
  void seal_frame();
  void mark_sealed_as_sent();
  void send_all(Lock& lock);
  LaneConnection::Result receive_available();
  // Reads once, as the one reader, and hands out what came. False: the deadline passed.
  bool read_for(Lock& lock, const Deadline& deadline);
  void deliver_frames();
  void deliver(std::string_view bytes);
  void complete(const std::shared_ptr<Call>& call);
  void end_calls();
  std::shared_ptr<Call> remove_pending(std::uint64_t seq);
  void add_call(const std::shared_ptr<Call>& call, std::uint64_t object, std::string_view request,
                const CallOptions& options);
  // The connection is gone: a new one, and all unanswered calls again; or every call fails.
  void reconnect(Lock& lock);
  void resend(Lock& lock);
  // Calls that may have run in a session that is over fail with OutcomeUnknown.
  void lose_sent(const std::string& reason);
  void fail_all(LocalFailure failure, const std::string& reason);
  void drop_connection();

  Session& session_;
  const std::uint64_t owner_;

  std::mutex mutex_;
  std::condition_variable read_;  // the reader has read something
  bool reading_ = false;
  bool leaving_ = false;                  // says its last: no new connection for that
  std::shared_ptr<LaneConnection> lane_;  // null: not connected
  std::uint64_t incarnation_ = 0;         // of the session that the connection belongs to
  struct Pending {
    std::uint64_t seq;
    std::shared_ptr<Call> call;  // null: answered out of order
  };
  std::deque<Pending> pending_;       // ascending by seq
  std::vector<std::uint64_t> ended_;  // that the session is to be told of
  std::string commands_;              // the next frame, but for its length and acknowledgement
  std::size_t commands_count_ = 0;
  std::string spare_;         // without contents: the memory of the last large command
  std::string out_;           // frames on their way
  std::size_t out_sent_ = 0;  // of out_
  std::uint64_t sealed_ = 0;  // the last seq in out_
  std::vector<char> in_;
  std::size_t in_size_ = 0;
  Clock::duration outage_allowed_ =
      std::chrono::seconds(10);  // how long to go on without a manager
};

}  // namespace mp::internal
