#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/objects/queue.h"

// How a queue is made, and what a queue that exists is asked for.

namespace mp::server {

Target Queue::related(const v1::QueueCreateRequest& request) {
  return {.name = request.dead_letters_name(), .id = request.dead_letters_id()};
}

absl::StatusOr<std::unique_ptr<Queue>> Queue::create(const v1::QueueCreateRequest& request,
                                                     const ObjectLimits&,
                                                     const Related& dead_letters) {
  if (!v1::Delivery_IsValid(request.delivery())) {
    return error(v1::VALUE_ERROR, absl::StrCat("there is no way of delivery ", request.delivery()));
  }
  if (!v1::Order_IsValid(request.order()))
    return error(v1::VALUE_ERROR, absl::StrCat("there is no order ", request.order()));
  if (request.max_deliveries() != 0 && request.delivery() != v1::UNTIL_CONFIRMED) {
    return error(v1::VALUE_ERROR,
                 "max_deliveries is of a queue that delivers until confirmed: others deliver once");
  }
  if (dead_letters.object == nullptr) return std::make_unique<Queue>(request, nullptr, 0);
  if (request.max_deliveries() == 0)
    return error(v1::VALUE_ERROR, "without max_deliveries there are no dead letters");
  if (dead_letters.object->kind() != Kind::kQueue) {
    return error(v1::WRONG_KIND, absl::StrCat("dead letters go to a queue, and the object is a ",
                                              std::string(name_of(dead_letters.object->kind()))));
  }
  return std::make_unique<Queue>(request, std::static_pointer_cast<Queue>(dead_letters.object),
                                 dead_letters.id);
}

Queue::Queue(const v1::QueueCreateRequest& request, std::shared_ptr<Queue> dead_letters,
             std::uint64_t dead_letters_id)
    : Object(Kind::kQueue),
      maxsize_(request.maxsize()),
      delivery_(request.delivery()),
      close_when_producers_gone_(request.close_when_producers_gone()),
      max_deliveries_(request.max_deliveries()),
      dead_letters_(std::move(dead_letters)),
      dead_letters_id_(dead_letters_id),
      items_(request.order()) {}

absl::Status Queue::require_match(const v1::QueueCreateRequest& request,
                                  const Related& dead_letters) const {
  // Who asks for nothing particular takes what there is.
  if (request.delivery() != delivery_ && request.delivery() != v1::AT_MOST_ONCE)
    return error(v1::WRONG_KIND, "the queue was not made to deliver until confirmed");
  if (request.close_when_producers_gone() && !close_when_producers_gone_)
    return error(v1::WRONG_KIND, "the queue was not made to close when its producers are gone");
  if (request.order() != items_.order() && request.order() != v1::FIFO)
    return error(v1::WRONG_KIND, "the queue was made with another order of its items");
  if (request.max_deliveries() != max_deliveries_ && request.max_deliveries() != 0)
    return error(v1::WRONG_KIND, absl::StrCat("the queue was made with max_deliveries ",
                                              max_deliveries_, ", 0 being no maximum"));
  if (dead_letters.id != dead_letters_id_ && dead_letters.id != 0)
    return error(v1::WRONG_KIND, "the queue was made with another queue for dead letters, or none");
  return absl::OkStatus();
}

}  // namespace mp::server
