#include <string>

#include "absl/strings/str_cat.h"
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
                  object.waiters(), "\n");
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
  for (const v1::Waiter& waiter : reply.waiters())
    absl::StrAppend(&text, "  ", process_of(waiter.party()), " waits in ", waiter.operation(),
                    "\n");
  return absl::OkStatus();
}

absl::Status Inspection::text_of_all(std::string& text) {
  v1::ListObjectsRequest request;
  request.set_limit(kMostLines);
  v1::ListObjectsReply reply;
  if (absl::Status status = list_objects(request, reply); !status.ok()) return status;
  for (const v1::ObjectSummary& object : reply.objects()) append_summary(text, object);
  if (reply.more()) absl::StrAppend(&text, "and more than these ", kMostLines, "\n");
  return absl::OkStatus();
}

}  // namespace mp::server
