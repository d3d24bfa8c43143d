#include "mp/batch.h"

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client_lib/manager/batch_record.h"
#include "client_lib/manager/call.h"
#include "client_lib/manager/session_object.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

constexpr std::uint32_t kConditions = 1;  // of mp.v1.BatchRequest
constexpr std::uint32_t kOperations = 2;
constexpr std::uint32_t kRead = 1;  // of mp.v1.BatchCondition
constexpr std::uint32_t kExpect = 2;
constexpr std::uint32_t kOutcomes = 1;  // of mp.v1.BatchReply

class Record;

// The result of one operation of a batch.
class BatchedReply final : public PendingReply::State {
 public:
  BatchedReply(std::shared_ptr<Record> record, std::size_t index)
      : record_(std::move(record)), index_(index) {}
  Reply get() override;
  bool wait_for(std::chrono::nanoseconds timeout) override;
  void when_sure(const std::function<void()>& then) override;

 private:
  const std::shared_ptr<Record> record_;
  const std::size_t index_;
};

class Record final : public BatchRecord, public std::enable_shared_from_this<Record> {
 public:
  explicit Record(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  std::shared_ptr<const RemoteObject> recorder(const Proxy& proxy) override;

  void require(const Proxy& proxy, wire::Operation operation, const wire::Message& request,
               const wire::Message& reply) override {
    check_open();
    check_session(proxy);
    objects_.push_back(proxy.remote());
    wire::Message expected;
    expected.message(static_cast<std::uint32_t>(operation), reply);
    wire::Message condition;
    CallOptions options;
    options.fence = proxy.fence();
    condition.bytes(kRead, encode(proxy.id(), operation, request, options));
    condition.message(kExpect, expected);
    request_.message(kConditions, condition);
  }

  PendingReply add(std::uint64_t object, wire::Operation operation, const wire::Message& request,
                   const CallOptions& options) {
    check_open();
    request_.bytes(kOperations, encode(object, operation, request, options));
    return PendingReply(std::make_shared<BatchedReply>(shared_from_this(), count_++));
  }

  bool commit() override {
    check_open();
    committed_ = true;
    CallOptions options;
    options.tolerated = ErrorCode::kConditionFailed;
    try {
      reply_ = std::make_shared<const Reply>(
          session_->call(wire::Operation::kBatch, 0, title(), request_.bytes(), options));
      if (reply_->ok()) return succeed(), true;
      fail(std::make_exception_ptr(
          ConditionFailed(title() + ": a condition did not hold, and nothing was changed")));
    } catch (const Error&) {
      fail(std::current_exception());
      throw;
    }
    return false;
  }

  bool committed() const { return committed_; }

  // Calls it once the operations have run.
  void when_sure(const std::function<void()>& then) {
    if (!committed_) return on_success_.push_back(then);
    if (!failure_) then();
  }

  Reply reply_to(std::size_t index) const {
    if (!committed_) throw ValueError(title() + ": it has results once it is committed");
    if (failure_) std::rethrow_exception(failure_);
    const OutcomeView outcome = OutcomeView::parse(outcomes_.at(index));
    // The batch's reply holds the references that all its outcomes granted.
    return Reply(std::string(outcome.reply),
                 std::shared_ptr<const wire::RefResolver>(reply_, reply_->fields().resolver()));
  }

 private:
  static std::string encode(std::uint64_t object, wire::Operation operation,
                            const wire::Message& request, const CallOptions& options) {
    std::string command;
    encode_command(command, 0, 0, operation, object, request.bytes(), options);
    return command;
  }

  std::string title() const { return "batch of " + std::to_string(count_) + " operations"; }

  void check_open() const {
    if (generation_ != fork_generation())
      throw ForkedClientError(title() + ": it was begun by the parent process");
    if (committed_) throw ValueError(title() + ": it was committed before");
  }

  void check_session(const Proxy& proxy) const {
    const auto* object = dynamic_cast<const SessionObject*>(proxy.remote().get());
    if (object != nullptr && object->session() == session_) return;
    throw ValueError(proxy.kind() + " '" + proxy.name() +
                     "' is not of the manager whose batch this is");
  }

  void succeed() {
    for (const std::function<void()>& then : std::exchange(on_success_, {})) then();
    read_outcomes();
  }

  void fail(std::exception_ptr why) {
    failure_ = std::move(why);
    on_success_.clear();
  }

  void read_outcomes() {
    for (wire::Fields fields = reply_->fields(); fields.next();) {
      if (fields.field() == kOutcomes) outcomes_.emplace_back(fields.bytes());
    }
    if (outcomes_.size() == count_) return;
    throw RemoteError(title() + ": the manager's answer has " + std::to_string(outcomes_.size()) +
                      " outcomes");
  }

  const std::shared_ptr<Session> session_;
  const std::uint64_t generation_ = fork_generation();
  wire::Message request_;
  std::vector<std::shared_ptr<const RemoteObject>> objects_;  // live until it is committed
  std::size_t count_ = 0;
  bool committed_ = false;
  std::vector<std::function<void()>> on_success_;
  std::exception_ptr failure_;
  std::shared_ptr<const Reply> reply_;
  std::vector<std::string> outcomes_;
};

Reply BatchedReply::get() { return record_->reply_to(index_); }

bool BatchedReply::wait_for(std::chrono::nanoseconds timeout) {
  if (!record_->committed() && timeout > std::chrono::nanoseconds::zero())
    throw ValueError("a batch has results once it is committed: nothing to wait for before");
  return record_->committed();
}

void BatchedReply::when_sure(const std::function<void()>& then) { record_->when_sure(then); }

// Stands for an object within a batch.
class Recorder final : public RemoteObject {
 public:
  Recorder(std::shared_ptr<Record> record, std::shared_ptr<const RemoteObject> object)
      : record_(std::move(record)), object_(std::move(object)) {}

  std::uint64_t id() const override { return object_->id(); }
  const std::string& kind() const override { return object_->kind(); }
  const std::string& name() const override { return object_->name(); }
  std::uint64_t incarnation() const override { return object_->incarnation(); }
  std::weak_ptr<const void> session_mark() const override { return object_->session_mark(); }

  Reply call(wire::Operation, const wire::Message&, const CallOptions&) const override {
    throw ValueError(kind() + " '" + name() + "': in a batch nothing is called at once");
  }
  PendingReply start(wire::Operation operation, const wire::Message& request,
                     const CallOptions& options) const override {
    return record_->add(id(), operation, request, options);
  }

 private:
  const std::shared_ptr<Record> record_;
  const std::shared_ptr<const RemoteObject> object_;
};

std::shared_ptr<const RemoteObject> Record::recorder(const Proxy& proxy) {
  check_session(proxy);
  objects_.push_back(proxy.remote());
  return std::make_shared<Recorder>(shared_from_this(), proxy.remote());
}

}  // namespace

std::shared_ptr<BatchRecord> make_batch_record(std::shared_ptr<Session> session) {
  return std::make_shared<Record>(std::move(session));
}

}  // namespace mp::internal
