#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mp/v1/namespace.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/undoable_map.h"

namespace mp::server {

// Values by attribute name. It has no waiters: every operation is done at once.
//
// Invariant: keys are strings, none of them empty. An operation that fails has changed nothing.
class Namespace final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Namespace>> create(const v1::NamespaceCreateRequest&,
                                                           const ObjectLimits&);
  static std::span<const Operation> operations();

  Namespace() : Object(Kind::kNamespace) {}

  absl::Status get(const v1::NamespaceGetRequest&, v1::NamespaceGetReply&, Call&) const;
  absl::Status set(const v1::NamespaceSetRequest&, v1::NamespaceSetReply&, Call&);
  absl::Status erase(const v1::NamespaceDeleteRequest&, v1::NamespaceDeleteReply&, Call&);
  absl::Status contains(const v1::NamespaceContainsRequest&, v1::NamespaceContainsReply&,
                        Call&) const;
  absl::Status attributes(const v1::NamespaceAttributesRequest&, v1::NamespaceAttributesReply&,
                          Call&) const;
  absl::Status update(const v1::NamespaceUpdateRequest&, v1::NamespaceUpdateReply&, Call&);
  absl::Status add(const v1::NamespaceAddRequest&, v1::NamespaceAddReply&, Call&);

  // Of plain requests.
  absl::Status get_plain(std::span<Value> attribute, PlainReply&, Call&) const;
  absl::Status set_plain(std::span<Value> entry, PlainReply&, Call&);

  void tidy() override { map_.tidy(); }
  void dissolve(const absl::Status&, Step&) override {}
  std::uint64_t length() const override { return map_->size(); }
  std::size_t heap_bytes() const override { return map_->heap_bytes(); }
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  using Position = OrderedMap::Position;

  // The attribute's place. ATTRIBUTE_ERROR if it has none.
  absl::StatusOr<Position> require(const std::string& attribute, const ObjectLimits& limits) const;
  absl::StatusOr<Position> require(const Value& key) const;

  UndoableMap map_;
};

}  // namespace mp::server
