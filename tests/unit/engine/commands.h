#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mp/v1/command.pb.h"
#include "server/objects/step.h"

// Commands as tests write them. Values are literals of tests/unit/objects/literal.h: set("d",
// "'k'", "[1, 2]").

namespace mp::server::engine_test {

// How a command names its object: by name, or by id.
struct Which {
  // NOLINTNEXTLINE(google-explicit-constructor): get("d", …) and get(id, …) are the point.
  Which(const char* its_name) : name(its_name) {}
  Which(std::string its_name) : name(std::move(its_name)) {}  // NOLINT(google-explicit-constructor)
  Which(std::uint64_t its_id) : id(its_id) {}                 // NOLINT(google-explicit-constructor)
  std::string name;
  std::uint64_t id = 0;
};

using Timeout = std::optional<Duration>;  // none: for ever
inline constexpr Duration kNow{0};

v1::Command create_dict(std::string_view name = "");
v1::Command create_list(std::string_view name = "");
v1::Command create_queue(std::string_view name = "", std::uint64_t maxsize = 0);
v1::Command create_lock(std::string_view name = "");
v1::Command create_new_dict(std::string_view name);  // MUST_NOT_EXIST

v1::Command set(const Which& dict, std::string_view key, std::string_view value);
v1::Command get(const Which& dict, std::string_view key);
v1::Command add(const Which& dict, std::string_view key, std::int64_t operand);
v1::Command pop(const Which& dict, std::string_view key);
v1::Command items(const Which& dict);
v1::Command length(const Which& dict);
v1::Command append(const Which& list, std::string_view value);
v1::Command clear_list(const Which& list);

v1::Command put(const Which& queue, std::string_view value, Timeout timeout = {});
v1::Command take(const Which& queue, Timeout timeout = {});  // Queue/Get
v1::Command size(const Which& queue);

v1::Command acquire(const Which& lock, Timeout timeout = {}, Timeout lease = {});
v1::Command release(const Which& lock);
v1::Command locked(const Which& lock);

v1::Command find(std::string_view name);
v1::Command drop(const Which& object);  // Objects/Delete
v1::Command retain(std::uint64_t id);
v1::Command unref(std::uint64_t id, std::uint32_t count = 1);  // Objects/Release

v1::Command cancel(std::uint64_t seq);
v1::Command open_child();
// For another process, which is to get references to these.
v1::Command open_child_with(std::vector<std::uint64_t> objects);
v1::Command open_messenger(std::uint64_t object);  // waits with its sender
v1::Command take_session(const v1::SessionOpenChildReply& child);
v1::Command close_session();

// The command runs only while this grant of the lock is held.
v1::Command fenced(v1::Command command, const Which& lock, std::uint64_t token);
v1::Command by_owner(std::uint64_t owner, v1::Command command);

v1::BatchCondition reads(v1::Command read, std::string_view value);  // the reply's `value` is this
v1::BatchCondition fails(v1::Command read, v1::Code code);
v1::Command batch(std::initializer_list<v1::Command> operations,
                  std::initializer_list<v1::BatchCondition> conditions = {});

}  // namespace mp::server::engine_test
