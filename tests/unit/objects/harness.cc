#include "tests/unit/objects/harness.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "mp/v1/command.pb.h"

namespace mp::server::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

[[noreturn]] void abort_with(std::string_view what, std::string_view which) {
  std::fprintf(stderr, "%s: %s\n", std::string(what).c_str(), std::string(which).c_str());
  std::abort();
}

std::string item_text(const Message& message) {
  if (const auto* value = dynamic_cast<const v1::Value*>(&message)) return repr(*value);
  if (const auto* entry = dynamic_cast<const v1::Entry*>(&message)) {
    return absl::StrCat(repr(entry->key()), ": ", repr(entry->value()));
  }
  return message.ShortDebugString();
}

std::string field_text(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    const bool is_dict = field.message_type() == v1::Entry::descriptor();
    std::string text = is_dict ? "{" : "[";
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
      text += (i == 0 ? "" : ", ") + item_text(reflection->GetRepeatedMessage(message, &field, i));
    }
    return text + (is_dict ? "}" : "]");
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return item_text(reflection->GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "True" : "False";
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, &field);
    default:
      abort_with("a reply's field that the harness can't show", field.full_name());
  }
}

const Message* reply_of(const v1::Outcome& outcome) {
  const auto* oneof = v1::Outcome::descriptor()->FindOneofByName("reply");
  const auto* reflection = outcome.GetReflection();
  const FieldDescriptor* reply = reflection->GetOneofFieldDescriptor(outcome, oneof);
  return reply == nullptr ? nullptr : &reflection->GetMessage(outcome, reply);
}

}  // namespace

std::string text(const v1::Outcome& outcome) {
  if (outcome.has_error()) return v1::Code_Name(outcome.error().code());
  const Message* reply = reply_of(outcome);
  if (reply == nullptr) return "no reply";
  const Descriptor& type = *reply->GetDescriptor();
  if (type.field_count() == 0) return "done";
  if (type.field_count() == 1) return field_text(*reply, *type.field(0));
  std::string all;
  for (int i = 0; i < type.field_count(); ++i) {
    absl::StrAppend(&all, i == 0 ? "" : " ", type.field(i)->name(), "=",
                    field_text(*reply, *type.field(i)));
  }
  return all;
}

std::string field(const v1::Outcome& outcome, std::string_view name) {
  const Message* reply = outcome.has_error() ? nullptr : reply_of(outcome);
  if (reply == nullptr) return "";
  const FieldDescriptor* field = reply->GetDescriptor()->FindFieldByName(std::string(name));
  return field == nullptr ? "" : field_text(*reply, *field);
}

void PrintTo(const Result& result, std::ostream* out) {
  *out << result.ticket << ": " << text(result.outcome);
}

namespace {

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
  explicit ShellStep(Shell& shell) : Step(shell.now_, shell.limits), shell_(shell) {}
  bool alive(SessionId session) const override { return !shell_.dead_.contains(session); }
  Ticket alarm(Time when, std::uint64_t) override {
    shell_.timers_.insert({when, ++shell_.last_alarm_});
    return shell_.last_alarm_;
  }
  std::uint64_t next_token() override { return ++shell_.last_token_; }

 private:
  Shell& shell_;
};

Shell::Shell(const Message& create) {
  for (const KindTable& kind : kinds()) {
    if (kind.create_request() != create.GetDescriptor()) continue;
    auto object = kind.create(create, limits, {});
    if (!object.ok()) abort_with("could not create", object.status().ToString());
    object_ = *std::move(object);
    return;
  }
  abort_with("no kind is created by", create.GetTypeName());
}

Shell::~Shell() = default;

template <class Action>
Results Shell::event(Action action) {
  ShellStep step(*this);
  Results results;
  action(step, results);
  object_->settle(step);
  for (Step::Ready& ready : step.ready()) {
    const bool granted = !ready.outcome.has_error();
    EXPECT_EQ(parked_.erase(ready.ticket), 1U) << "answered, but not waiting: " << ready.ticket;
    EXPECT_FALSE(granted && dead_.contains(session_of_[ready.ticket])) << "granted to the dead";
    results.push_back({ready.ticket, std::move(ready.outcome)});
  }
  return results;
}

Results Shell::run(Who who, const Message& request) {
  std::optional<Time> deadline;
  Results results = event([&](Step& step, Results& ready) {
    Result result{who.ticket, {}};
    Call call(step, who.owner, who.ticket, result.outcome, nullptr);
    const absl::Status status = run_on(*object_, request, result.outcome, call);
    if (!status.ok()) call.answer().fail(status);
    if (status.ok() && call.parked()) {
      parked_.insert(who.ticket);
      session_of_[who.ticket] = who.owner.session;
      deadline = call.deadline();
    } else {
      ready.push_back(std::move(result));
    }
  });
  if (deadline) timers_.insert({*deadline, who.ticket});
  for (Result& late : advance(Duration::zero())) results.push_back(std::move(late));
  return results;
}

Results Shell::expire(Ticket ticket) {
  return event([&](Step& step, Results&) { object_->expire(ticket, step); });
}

Results Shell::abandon(Ticket ticket) {
  parked_.erase(ticket);
  return event([&](Step&, Results&) { object_->abandon(ticket); });
}

Results Shell::owner_gone(SessionId session) {
  kill(session);
  forget_parked_of(session);
  return event([&](Step& step, Results&) { object_->owner_gone(session, step); });
}

Results Shell::owner_closed(SessionId session) {
  kill(session);
  forget_parked_of(session);
  return event([&](Step& step, Results&) { object_->owner_closed(session, step); });
}

Results Shell::take_back(const Result& given) {
  return event([&](Step&, Results&) { object_->take_back(given.outcome, {}); });
}

Results Shell::dissolve(const absl::Status& why) {
  return event([&](Step& step, Results&) { object_->dissolve(why, step); });
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
  ShellStep step(*this);
  Result result{who.ticket, {}};
  Call call(step, who.owner, who.ticket, result.outcome, &log);
  const absl::Status status = run_on(*object_, request, result.outcome, call);
  if (!status.ok()) call.answer().fail(status);
  EXPECT_FALSE(call.parked()) << "waits inside a batch";
  EXPECT_TRUE(step.ready().empty()) << "answered a waiter before settle()";
  return result;
}

Results Shell::settle() {
  return event([](Step&, Results&) {});
}

std::set<std::uint64_t> Shell::refs() const {
  std::set<std::uint64_t> ids;
  object_->visit_refs([&](std::uint64_t id) { ids.insert(id); });
  return ids;
}

void Shell::forget_parked_of(SessionId session) {
  std::erase_if(parked_, [&](Ticket ticket) { return session_of_[ticket] == session; });
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
