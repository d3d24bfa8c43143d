#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/engine/inspection.h"

// Objects as text for people.

namespace mp::server {
namespace {

std::string name_of_object(const v1::ObjectSummary& object) {
  if (object.name().empty()) return absl::StrCat(object.kind(), " ", object.id());
  return absl::StrCat(object.kind(), " '", object.name(), "' (", object.id(), ")");
}

std::string process_of(const v1::Party& party) {
  if (party.session() == 0) return "a call without a session";
  return absl::StrCat("process ", party.client().pid(), " on ", party.client().host(), " (session ",
                      party.session(), ")");
}

void append_summary(std::string& text, const v1::ObjectSummary& object) {
  absl::StrAppend(&text, name_of_object(object), ": length ", object.length(), ", about ",
                  object.bytes(), " bytes, references ", object.references(), ", waiting ",
                  object.waiters(), object.note().empty() ? "" : ", ", object.note(), "\n");
}

void append_left_out(std::string& text, std::uint64_t count, std::string_view what) {
  if (count != 0) absl::StrAppend(&text, "  and ", count, " more ", absl_view(what), "\n");
}

// Leaves out the last lines, as many as must be for one message.
void fit(std::string& text, std::uint64_t most_bytes) {
  constexpr std::uint64_t kBeside = 128;  // the rest of the outcome, and the line about the others
  if (text.size() + kBeside <= most_bytes) return;
  const auto last =
      most_bytes > kBeside ? text.rfind('\n', most_bytes - kBeside) : std::string::npos;
  const std::size_t kept = last == std::string::npos ? 0 : last + 1;
  const auto left_out =
      std::count(text.begin() + static_cast<std::ptrdiff_t>(kept), text.end(), '\n');
  text.resize(kept);
  absl::StrAppend(&text, "and ", left_out, " more lines\n");
}

}  // namespace

absl::Status Inspection::text_of(const Target& target, std::string& text) {
  v1::DescribeObjectRequest request;
  if (target.id != 0) {
    request.set_id(target.id);
  } else {
    request.set_name(std::string(target.name));
  }
  v1::DescribeObjectReply reply;
  if (absl::Status status = describe_object(request, reply); !status.ok()) return status;
  append_summary(text, reply.summary());
  for (const v1::Holder& holder : reply.holders())
    absl::StrAppend(&text, "  held by ", process_of(holder.party()), " with token ", holder.token(),
                    "\n");
  append_left_out(text, reply.holders_left_out(), "hold it");
  for (const v1::Waiter& waiter : reply.waiters())
    absl::StrAppend(&text, "  ", process_of(waiter.party()), " waits in ", waiter.operation(),
                    "\n");
  append_left_out(text, reply.waiters_left_out(), "wait");
  for (const v1::Party& party : reply.missing())
    absl::StrAppend(&text, "  ", process_of(party), " is missing\n");
  append_left_out(text, reply.missing_left_out(), "are missing");
  fit(text, engine_.limits().max_message_bytes);
  return absl::OkStatus();
}

absl::Status Inspection::text_of_all(std::string& text) {
  v1::ListObjectsRequest request;
  request.set_limit(kMostLines);
  v1::ListObjectsReply reply;
  if (absl::Status status = list_objects(request, reply); !status.ok()) return status;
  for (const v1::ObjectSummary& object : reply.objects()) append_summary(text, object);
  if (reply.more()) absl::StrAppend(&text, "and more than these ", kMostLines, "\n");
  fit(text, engine_.limits().max_message_bytes);
  return absl::OkStatus();
}

}  // namespace mp::server
