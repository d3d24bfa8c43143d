#include "tests/unit/engine/commands.h"

#include <utility>

#include "google/protobuf/util/time_util.h"
#include "tests/unit/objects/literal.h"

namespace mp::server::engine_test {

using test::literal;

namespace {

template <class Request>
void name_object(Request* request, const Which& which) {
  if (which.id != 0) {
    request->set_id(which.id);
  } else {
    request->set_name(which.name);
  }
}

template <class Request>
void set_timeout(Request* request, Timeout timeout) {
  using google::protobuf::util::TimeUtil;
  if (timeout) *request->mutable_timeout() = TimeUtil::NanosecondsToDuration(timeout->count());
}

}  // namespace

v1::Command create_dict(std::string_view name) {
  v1::Command command;
  command.mutable_dict_create()->set_name(std::string(name));
  return command;
}

v1::Command create_list(std::string_view name) {
  v1::Command command;
  command.mutable_list_create()->set_name(std::string(name));
  return command;
}

v1::Command create_queue(std::string_view name, std::uint64_t maxsize) {
  v1::Command command;
  command.mutable_queue_create()->set_name(std::string(name));
  command.mutable_queue_create()->set_maxsize(maxsize);
  return command;
}

v1::Command create_lock(std::string_view name) {
  v1::Command command;
  command.mutable_lock_create()->set_name(std::string(name));
  return command;
}

v1::Command create_new_dict(std::string_view name) {
  v1::Command command = create_dict(name);
  command.mutable_dict_create()->set_mode(v1::MUST_NOT_EXIST);
  return command;
}

v1::Command set(const Which& dict, std::string_view key, std::string_view value) {
  v1::Command command;
  name_object(command.mutable_dict_set(), dict);
  *command.mutable_dict_set()->mutable_key() = literal(key);
  *command.mutable_dict_set()->mutable_value() = literal(value);
  return command;
}

v1::Command get(const Which& dict, std::string_view key) {
  v1::Command command;
  name_object(command.mutable_dict_get(), dict);
  *command.mutable_dict_get()->mutable_key() = literal(key);
  return command;
}

v1::Command add(const Which& dict, std::string_view key, std::int64_t operand) {
  v1::Command command;
  name_object(command.mutable_dict_add(), dict);
  *command.mutable_dict_add()->mutable_key() = literal(key);
  command.mutable_dict_add()->mutable_operand()->set_int_(operand);
  return command;
}

v1::Command pop(const Which& dict, std::string_view key) {
  v1::Command command;
  name_object(command.mutable_dict_pop(), dict);
  *command.mutable_dict_pop()->mutable_key() = literal(key);
  return command;
}

v1::Command items(const Which& dict) {
  v1::Command command;
  name_object(command.mutable_dict_items(), dict);
  return command;
}

v1::Command length(const Which& dict) {
  v1::Command command;
  name_object(command.mutable_dict_length(), dict);
  return command;
}

v1::Command append(const Which& list, std::string_view value) {
  v1::Command command;
  name_object(command.mutable_list_append(), list);
  *command.mutable_list_append()->mutable_value() = literal(value);
  return command;
}

v1::Command clear_list(const Which& list) {
  v1::Command command;
  name_object(command.mutable_list_clear(), list);
  return command;
}

v1::Command put(const Which& queue, std::string_view value, Timeout timeout) {
  v1::Command command;
  name_object(command.mutable_queue_put(), queue);
  *command.mutable_queue_put()->mutable_value() = literal(value);
  set_timeout(command.mutable_queue_put(), timeout);
  return command;
}

v1::Command take(const Which& queue, Timeout timeout) {
  v1::Command command;
  name_object(command.mutable_queue_get(), queue);
  set_timeout(command.mutable_queue_get(), timeout);
  return command;
}

v1::Command size(const Which& queue) {
  v1::Command command;
  name_object(command.mutable_queue_size(), queue);
  return command;
}

v1::Command acquire(const Which& lock, Timeout timeout, Timeout lease) {
  using google::protobuf::util::TimeUtil;
  v1::Command command;
  v1::LockAcquireRequest* request = command.mutable_lock_acquire();
  name_object(request, lock);
  set_timeout(request, timeout);
  if (lease) *request->mutable_lease() = TimeUtil::NanosecondsToDuration(lease->count());
  return command;
}

v1::Command release(const Which& lock) {
  v1::Command command;
  name_object(command.mutable_lock_release(), lock);
  return command;
}

v1::Command locked(const Which& lock) {
  v1::Command command;
  name_object(command.mutable_lock_locked(), lock);
  return command;
}

v1::Command find(std::string_view name) {
  v1::Command command;
  command.mutable_object_find()->set_name(std::string(name));
  return command;
}

v1::Command drop(const Which& object) {
  v1::Command command;
  name_object(command.mutable_object_delete(), object);
  return command;
}

v1::Command retain(std::uint64_t id) {
  v1::Command command;
  command.mutable_object_retain()->set_id(id);
  return command;
}

v1::Command unref(std::uint64_t id, std::uint32_t count) {
  v1::Command command;
  command.mutable_object_release()->set_id(id);
  command.mutable_object_release()->set_count(count);
  return command;
}

v1::Command cancel(std::uint64_t seq) {
  v1::Command command;
  command.mutable_cancel()->set_seq(seq);
  return command;
}

v1::Command open_child() {
  v1::Command command;
  command.mutable_session_open_child();
  return command;
}

v1::Command open_child_with(std::vector<std::uint64_t> objects) {
  v1::Command command;
  for (const std::uint64_t id : objects) command.mutable_session_open_child()->add_objects(id);
  return command;
}

v1::Command open_messenger(std::uint64_t object) {
  v1::Command command = open_child_with({object});
  command.mutable_session_open_child()->set_waits_with_caller(true);
  return command;
}

v1::Command take_session(const v1::SessionOpenChildReply& child) {
  v1::Command command;
  command.mutable_session_take()->set_session(child.session());
  command.mutable_session_take()->set_secret(child.secret());
  return command;
}

v1::Command close_session() {
  v1::Command command;
  command.mutable_session_close();
  return command;
}

v1::Command fenced(v1::Command command, const Which& lock, std::uint64_t token) {
  name_object(command.mutable_require_token(), lock);
  command.mutable_require_token()->set_token(token);
  return command;
}

v1::Command by_owner(std::uint64_t owner, v1::Command command) {
  command.set_owner(owner);
  return command;
}

v1::BatchCondition reads(v1::Command read, std::string_view value) {
  v1::BatchCondition condition;
  *condition.mutable_read() = std::move(read);
  *condition.mutable_expect()->mutable_dict_get()->mutable_value() = literal(value);
  return condition;
}

v1::BatchCondition fails(v1::Command read, v1::Code code) {
  v1::BatchCondition condition;
  *condition.mutable_read() = std::move(read);
  condition.mutable_expect()->mutable_error()->set_code(code);
  return condition;
}

v1::Command batch(std::initializer_list<v1::Command> operations,
                  std::initializer_list<v1::BatchCondition> conditions) {
  v1::Command command;
  command.mutable_batch();
  for (const v1::BatchCondition& condition : conditions)
    *command.mutable_batch()->add_conditions() = condition;
  for (const v1::Command& operation : operations)
    *command.mutable_batch()->add_operations() = operation;
  return command;
}

}  // namespace mp::server::engine_test
