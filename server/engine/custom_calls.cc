#include "server/engine/custom_calls.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/objects/error.h"

namespace mp::server {

CustomCalls::CustomCalls(Options options, Ended ended)
    : types_(std::move(options.types)),
      ended_(std::move(ended)),
      graph_(options.most_calls),
      executor_(options.threads, std::move(options.start_thread)) {}

absl::StatusOr<std::unique_ptr<Object>> CustomCalls::make(const std::string& type) {
  for (const auto& known : types_) {
    if (known->name() == type) return std::make_unique<Custom>(known.get(), this);
  }
  const auto append = [](std::string* out, const auto& known) { out->append(known->name()); };
  return error(v1::UNKNOWN_TYPE,
               absl::StrCat("this manager knows no type '", type, "'; ",
                            types_.empty() ? "it has none of its users' own: see mp::register_type"
                                           : "those that are registered are: ",
                            absl::StrJoin(types_, ", ", append)));
}

absl::StatusOr<CallId> CustomCalls::arrive(CallId inside, std::uint64_t object, Access access) {
  return graph_.arrive(inside, object, access);
}

absl::Status CustomCalls::wait(CallId call) {
  if (absl::Status status = graph_.wait(call); !status.ok()) return status;
  const std::uint64_t object = graph_.awaited_inside_by(call);
  return object == 0 ? absl::OkStatus() : executor_.hurry(object);
}

absl::Status CustomCalls::begin(Job job) {
  const CallId call = job.context.call;
  const std::uint64_t object = job.object;
  graph_.begin(call);
  const std::string_view method =
      job.instance == nullptr ? "constructor" : job.type->methods()[job.method].name;
  Executor::Task task{
      .call = call,
      .parent = graph_.parent_of(call),
      .object = object,
      .hurried = graph_.awaited_inside(object),
      .what = absl::StrCat(job.type->name(), ".", absl::string_view(method.data(), method.size())),
      .run = [this, job = std::move(job)] {
        ended_(job.object, job.context.call, run(job));
        graph_.leave(job.context.call);  // if the object is no more
      }};
  absl::Status status = executor_.submit(std::move(task));
  if (!status.ok()) graph_.leave(call);
  return status;
}

CallResult CustomCalls::run(const Job& job) {
  CallResult result;
  if (job.context.cancelled->load(std::memory_order_acquire)) {
    result.status = error(v1::CANCELLED, "its caller gave up before it began");
    return result;
  }
  result = job.instance == nullptr
               ? job.type->construct(job.arguments, job.context)
               : job.type->call(job.instance.get(), job.method, job.arguments, job.context);
  if (result.instance != nullptr) result.instance = housed(std::move(result.instance));
  return result;
}

std::shared_ptr<void> CustomCalls::housed(std::shared_ptr<void> instance) {
  void* const address = instance.get();
  return {address, [this, held = std::move(instance)](void*) mutable {
            const auto last = std::make_shared<std::shared_ptr<void>>(std::move(held));
            executor_.entrust("destructor", [last] { last->reset(); });
          }};
}

std::vector<std::string> CustomCalls::stop(std::chrono::nanoseconds patience) {
  return executor_.stop(patience);
}

}  // namespace mp::server
