#pragma once

#include <optional>

#include "server/engine/engine.h"

namespace mp::server {

// The section of a command's shard and, where the command demands a token, of its lock's shard too,
// entered in order: the verdict on the token and the command are one step.
class FencedSection {
 public:
  // `token` is null, or outlives this.
  FencedSection(Engine& engine, Shard& home, const v1::RequiredToken* token,
                Deliveries& deliveries);

  Section& operator*() { return *home_; }
  Section* operator->() { return &*home_; }
  // STALE_TOKEN if a token is demanded and not held.
  absl::Status check();

 private:
  const v1::RequiredToken* const token_;
  std::optional<Section>
      before_;  // the lock's section, where its shard is of a lower index than the command's
  std::optional<Section> home_;
  std::optional<Section> after_;  // where it is of a higher one
};

}  // namespace mp::server
