#include "tests/unit/objects/harness.h"

#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "mp/v1/command.pb.h"

namespace mp::server::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// An operation, and the kind of object that it runs on.
struct Row {
  Kind kind;
  const Operation& operation;
};

Row row_of(const Message& request) {
  for (const KindTable& kind : kinds()) {
    for (const Operation& row : kind.operations) {
      if (row.request() == request.GetDescriptor()) return {kind.kind, row};
    }
  }
  abort_with("no operation takes", request.GetTypeName());
}

absl::Status run_on(Object& object, const Message& request, v1::Outcome& outcome, Call& call) {
  const auto [kind, operation] = row_of(request);
  return operation.run(*object.facet(kind), request, reply_in(outcome, request), call);
}

}  // namespace

const Operation& operation_of(const Message& request) { return row_of(request).operation; }

Message& reply_in(v1::Outcome& outcome, const Message& request) {
  const Descriptor& commands = *v1::Command::descriptor();
  for (int i = 0; i < commands.field_count(); ++i) {
    if (commands.field(i)->message_type() != request.GetDescriptor()) continue;
    const auto* reply = v1::Outcome::descriptor()->FindFieldByNumber(commands.field(i)->number());
    return *outcome.GetReflection()->MutableMessage(&outcome, reply);
  }
  abort_with("no field of Command is a", request.GetTypeName());
}

std::unique_ptr<Message> new_message(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::unique_ptr<Message> parsed(const Descriptor* type, const std::string& text_form) {
  std::unique_ptr<Message> message = new_message(type);
  if (!google::protobuf::TextFormat::ParseFromString(text_form, message.get())) {
    abort_with("not a " + type->full_name(), text_form);
  }
  return message;
}

class Shell::ShellStep final : public Step {
 public:
  ShellStep(Shell& shell, ObjectId of) : Step(shell.now_, shell.limits), shell_(shell), of_(of) {}
  bool alive(SessionId session) const override { return !shell_.dead_.contains(session); }
  Ticket alarm(Time when, std::uint64_t object) override {
    const Ticket ticket = ++shell_.last_alarm_;
    shell_.timers_.insert({when, ticket});
    shell_.origins_[ticket] = {.session = 0, .object = object == 0 ? of_ : object};
    return ticket;
  }
  std::uint64_t next_token() override { return ++shell_.last_token_; }

 private:
  Shell& shell_;
  const ObjectId of_;
};

Shell::Shell(const Message& create) { make(create, {}); }

Shell::~Shell() = default;

Shell::ObjectId Shell::add_over_first(const Message& create) {
  return make(create, {objects_.front(), kFirst});
}

Shell::ObjectId Shell::make(const Message& create, const Related& related) {
  for (const KindTable& kind : kinds()) {
    if (kind.create_request() != create.GetDescriptor()) continue;
    auto object = kind.create(create, limits, related);
    if (!object.ok()) abort_with("could not create", object.status().ToString());
    objects_.push_back(*std::move(object));
    objects_.back()->be_hosted_as(objects_.size());
    return objects_.size();
  }
  abort_with("no kind is created by", create.GetTypeName());
}

Shell::ObjectId Shell::named_by(const Message& request) {
  const std::uint64_t id = operation_of(request).target(request).id;
  return id == 0 ? kFirst : id;
}

template <class Action>
Results Shell::event(ObjectId object, Action action) {
  ShellStep step(*this, object);
  Results results;
  action(step, results);
  objects_.at(object - 1)->settle(step);
  // Watches are served in the step that has changed what they watch.
  if (const auto& log = objects_.at(object - 1)->log()) {
    for (const ObjectId watch : log->take_awoken()) objects_.at(watch - 1)->settle(step);
  }
  for (Step::Ready& ready : step.ready()) {
    const bool granted = !ready.outcome.has_error();
    EXPECT_EQ(parked_.erase(ready.ticket), 1U) << "answered, but not waiting: " << ready.ticket;
    EXPECT_FALSE(granted && is_dead(ready.ticket)) << "granted to the dead";
    results.push_back({ready.ticket, std::move(ready.outcome)});
  }
  return results;
}

template <class Action>
Results Shell::event_of_all(Action action) {
  Results results;
  for (ObjectId id = kFirst; id <= objects_.size(); ++id) {
    for (Result& result : event(id, [&](Step&step, Results&) { action(object(id), step); }))
      results.push_back(std::move(result));
  }
  return results;
}

Results Shell::run(Who who, const Message& request) {
  std::optional<Time> deadline;
  const ObjectId id = named_by(request);
  origins_[who.ticket] = {.session = who.owner.session, .object = id};
  Results results = event(id, [&](Step& step, Results& ready) {
    Result result{who.ticket, {}};
    Call call(step, who.owner, who.ticket, result.outcome, nullptr, object(id).log().get());
    const absl::Status status = run_on(object(id), request, result.outcome, call);
    if (!status.ok()) call.answer().fail(status);
    if (status.ok() && !call.parked() && call.altered() == Altered::kYes) note(id, request);
    if (status.ok() && call.parked()) {
      parked_.insert(who.ticket);
      deadline = call.deadline();
    } else {
      ready.push_back(std::move(result));
    }
  });
  if (deadline) timers_.insert({*deadline, who.ticket});
  for (Result& late : advance(Duration::zero())) results.push_back(std::move(late));
  return results;
}

// As the engine does after an operation that has succeeded.
void Shell::note(ObjectId id, const Message& request) {
  for (const KindTable& kind : kinds()) {
    for (const Operation& operation : kind.operations) {
      if (operation.request() != request.GetDescriptor() || operation.effect == Effect::kReads)
        continue;
      object(id).note_change({.service = kind.service, .rpc = operation.rpc});
    }
  }
}

Shell::ObjectId Shell::object_of(Ticket ticket) const {
  const auto at = origins_.find(ticket);
  return at == origins_.end() ? kFirst : at->second.object;
}

Results Shell::expire(Ticket ticket) {
  const ObjectId id = object_of(ticket);
  return event(id, [&](Step& step, Results&) { object(id).expire(ticket, step); });
}

Results Shell::abandon(Ticket ticket) {
  parked_.erase(ticket);
  const ObjectId id = object_of(ticket);
  return event(id, [&](Step&, Results&) { object(id).abandon(ticket); });
}

Results Shell::owner_gone(SessionId session) {
  forget(session);
  return event_of_all([&](Object& object, Step& step) { object.owner_gone(session, step); });
}

Results Shell::owner_closed(SessionId session) {
  forget(session);
  return event_of_all([&](Object& object, Step& step) { object.owner_closed(session, step); });
}

Results Shell::take_back(const Result& given) {
  const ObjectId id = object_of(given.ticket);
  return event(id, [&](Step&, Results&) { object(id).take_back(given.outcome, {}); });
}

Results Shell::dissolve(const absl::Status& why) {
  return event(kFirst, [&](Step& step, Results&) { object().dissolve(why, step); });
}

Results Shell::advance(Duration duration) {
  now_ += duration;
  Results results;
  while (!timers_.empty() && timers_.begin()->when <= now_) {
    const Ticket ticket = timers_.begin()->ticket;
    timers_.erase(timers_.begin());
    for (Result& result : expire(ticket)) results.push_back(std::move(result));
  }
  return results;
}

std::string Shell::ask(const Message& request) {
  const Results results = run(Who(++last_asked_, 1), request);
  for (const Result& result : results) {
    if (result.ticket == last_asked_) return text(result.outcome);
  }
  return "parked";
}

Result Shell::run_in_batch(Who who, const Message& request, UndoLog& log) {
  const ObjectId id = named_by(request);
  ShellStep step(*this, id);
  Result result{who.ticket, {}};
  Call call(step, who.owner, who.ticket, result.outcome, &log, object(id).log().get());
  const absl::Status status = run_on(object(id), request, result.outcome, call);
  if (!status.ok()) call.answer().fail(status);
  EXPECT_FALSE(call.parked()) << "waits inside a batch";
  EXPECT_TRUE(step.ready().empty()) << "answered a waiter before settle()";
  return result;
}

Results Shell::settle() {
  return event_of_all([](Object&, Step&) {});
}

std::set<std::uint64_t> Shell::refs() const {
  std::set<std::uint64_t> ids;
  objects_.front()->visit_refs([&](std::uint64_t id) { ids.insert(id); });
  return ids;
}

bool Shell::is_dead(Ticket ticket) const {
  const auto at = origins_.find(ticket);
  return at != origins_.end() && dead_.contains(at->second.session);
}

void Shell::forget(SessionId session) {
  kill(session);
  std::erase_if(parked_, [&](Ticket ticket) { return origins_[ticket].session == session; });
}

std::vector<unsigned> seeds(unsigned count) {
  const char* chosen = std::getenv("MP_TEST_SEED");
  const auto first =
      chosen == nullptr ? 1U : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
  std::printf("seeds %u to %u (MP_TEST_SEED sets the first)\n", first, first + count - 1);
  std::vector<unsigned> all(count);
  for (unsigned i = 0; i < count; ++i) all[i] = first + i;
  return all;
}

}  // namespace mp::server::test
