#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/list.h"
#include "server/objects/slice.h"

// Stretches and slices of a list.

namespace mp::server {

void List::replace(std::size_t at, std::size_t count, Values values, Call& call) {
  if (call.watched()) call.changed_everything();
  if (call.undoable()) {
    const auto from = items_.begin() + at;
    call.on_undo([this, at, inserted = values.size(), old = Values(from, from + count)] {
      splice(at, inserted, old);
    });
  }
  splice(at, count, std::move(values));
}

void List::splice(std::size_t at, std::size_t count, Values values) {
  const std::size_t both = std::min(count, values.size());
  const auto from = values.begin() + both;
  const auto to = std::move(values.begin(), from, items_.begin() + at);
  items_.erase(to, to + (count - both));
  items_.insert(items_.begin() + (at + both), std::move_iterator(from),
                std::move_iterator(values.end()));
  trim();
}

absl::Status List::get_slice(const v1::ListGetSliceRequest& request, v1::ListGetSliceReply& reply,
                             Call& call) const {
  const absl::StatusOr<SliceRange> range = resolve(request.slice(), items_.size());
  if (!range.ok()) return range.status();
  reply.mutable_values()->Reserve(static_cast<int>(range->count));
  for (std::size_t i = 0; i < range->count; ++i)
    call.write(items_[(*range)[i]], reply.add_values());
  return absl::OkStatus();
}

absl::Status List::set_slice(const v1::ListSetSliceRequest& request, v1::ListSetSliceReply&,
                             Call& call) {
  const absl::StatusOr<SliceRange> range = resolve(request.slice(), items_.size());
  if (!range.ok()) return range.status();
  absl::StatusOr<Values> values = read(request.values(), call.step().limits());
  if (!values.ok()) return values.status();
  if (range->count == 0 && values->empty()) return call.alters_nothing();
  if (range->is_stretch()) {
    absl::Status status = call.require_room(items_.size() - range->count, values->size());
    if (!status.ok()) return status;
    replace((*range)[0], range->count, *std::move(values), call);
    return absl::OkStatus();
  }
  if (values->size() != range->count) {
    return error(v1::VALUE_ERROR,
                 absl::StrCat("a slice of ", range->count, " items with a step takes as many, not ",
                              values->size()));
  }
  for (std::size_t i = 0; i < range->count; ++i)
    exchange((*range)[i], std::move((*values)[i]), call);
  return absl::OkStatus();
}

absl::Status List::erase_slice(const v1::ListDeleteSliceRequest& request, v1::ListDeleteSliceReply&,
                               Call& call) {
  const absl::StatusOr<SliceRange> range = resolve(request.slice(), items_.size());
  if (!range.ok()) return range.status();
  if (range->count == 0) return call.alters_nothing();
  if (range->is_stretch()) {
    replace((*range)[0], range->count, {}, call);
    return absl::OkStatus();
  }
  if (call.watched()) call.changed_everything();
  if (call.undoable()) call.on_undo([this, old = items_]() mutable { items_ = std::move(old); });
  for (std::size_t i = 0; i < range->count; ++i) items_[(*range)[i]] = Value();
  std::erase_if(items_, [](const Value& item) { return !item.present(); });
  trim();
  return absl::OkStatus();
}

}  // namespace mp::server
