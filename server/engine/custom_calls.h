#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/call_graph.h"
#include "server/engine/executor.h"
#include "server/objects/custom.h"

namespace mp::server {

using CustomTypes = std::vector<std::shared_ptr<const CustomType>>;

// The types of the users' own that a manager hosts, and the workshop of their objects. Thread-safe.
class CustomCalls final : public Workshop {
 public:
  struct Options {
    CustomTypes types;
    std::size_t threads = 16;
    std::uint64_t most_calls = 0;
    Executor::StartThread start_thread{};  // none: std::thread
  };
  // A call has run: what came of it, for its object. Called on a thread of the executor.
  using Ended = std::function<void(std::uint64_t object, CallId call, CallResult result)>;

  CustomCalls(Options options, Ended ended);

  const CustomTypes& types() const { return types_; }
  // An object of this type, to be constructed. UNKNOWN_TYPE if there is no such type.
  absl::StatusOr<std::unique_ptr<Object>> make(const std::string& type);

  absl::StatusOr<CallId> arrive(CallId inside, std::uint64_t object, Access access) override;
  absl::Status wait(CallId call) override;
  bool shares_already(CallId call) const override { return graph_.shares_already(call); }
  absl::Status begin(Job job) override;
  void leave(CallId call) override { graph_.leave(call); }

  // No call begins any more; those that run have so long. What runs still, as text: then this must
  // not go.
  std::vector<std::string> stop(std::chrono::nanoseconds patience);

 private:
  CallResult run(const Job& job);
  // The same instance, which will be destroyed on a thread of the executor: not in a section.
  std::shared_ptr<void> housed(std::shared_ptr<void> instance);

  const CustomTypes types_;
  const Ended ended_;
  CallGraph graph_;
  Executor executor_;
};

}  // namespace mp::server
