#include "server/engine/lookup.h"

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/objects/error.h"

namespace mp::server {

std::string title(std::string_view kind, const Target& target) {
  if (target.id != 0) return absl::StrCat(absl_view(kind), " ", target.id);
  return absl::StrCat(absl_view(kind), " '", absl_view(target.name), "'");
}

namespace {

absl::Status which(std::string_view kind) {
  return error(v1::BAD_COMMAND,
               absl::StrCat("which ", absl_view(kind), "? Set either `name` or `id`"));
}

std::string why_absent(const Target& target, std::uint64_t epoch, std::string_view service) {
  if (target.id == 0) {
    return absl::StrCat("nobody has made an object of this name; make it with ", absl_view(service),
                        "/Create");
  }
  if (Shard::epoch_of(target.id) < epoch) {
    return "the reference is from an earlier run of the manager, which has been restarted since; "
           "make the object anew";
  }
  return "there is no such object";
}

}  // namespace

absl::StatusOr<HostedObject*> require_object(Section& section, const Target& target) {
  if (target.id == 0 && target.name.empty()) return which("object");
  if (HostedObject* hosted = section.find(target)) return hosted;
  return error(v1::NO_SUCH_OBJECT,
               absl::StrCat(title("object", target), ": there is no such object"));
}

absl::StatusOr<HostedObject*> require_object(Section& section, const KindTable& kind,
                                             const Target& target, std::uint64_t epoch) {
  const std::string_view name = name_of(kind.kind);
  if (target.id == 0 && target.name.empty()) return which(name);
  HostedObject* hosted = section.find(target);
  if (hosted == nullptr) {
    return error(v1::NO_SUCH_OBJECT,
                 absl::StrCat(title(name, target), ": ", why_absent(target, epoch, kind.service)));
  }
  if (hosted->object->facet(kind.kind) == nullptr) {
    return error(v1::WRONG_KIND, absl::StrCat(title(name, target), ": the object is a ",
                                              absl_view(name_of(hosted->object->kind()))));
  }
  return hosted;
}

absl::Status check_token(Section& section, const v1::RequiredToken& token) {
  const Target target = target_of(token);
  const HostedObject* hosted = section.find(target);
  if (hosted != nullptr && hosted->object->holds_token(token.token())) return absl::OkStatus();
  return error(v1::STALE_TOKEN,
               absl::StrCat("the grant with token ", token.token(), " of ", title("lock", target),
                            " is no longer held; nothing was changed"));
}

}  // namespace mp::server
