#include "server/engine/fenced_section.h"

#include "server/engine/lookup.h"

namespace mp::server {

FencedSection::FencedSection(Engine& engine, Shard& home, const v1::RequiredToken* token,
                             Deliveries& deliveries)
    : token_(token) {
  Shard& lock_home = token == nullptr ? home : engine.shard_of(target_of(*token));
  if (lock_home.index() < home.index()) before_.emplace(lock_home, deliveries);
  home_.emplace(home, deliveries);
  if (lock_home.index() > home.index()) after_.emplace(lock_home, deliveries);
}

absl::Status FencedSection::check() {
  if (token_ == nullptr) return absl::OkStatus();
  return check_token(before_ ? *before_ : after_ ? *after_ : *home_, *token_);
}

}  // namespace mp::server
