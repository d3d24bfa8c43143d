#pragma once

#include <functional>
#include <optional>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/process/process_state.h"

namespace mp::internal {

// The life of a child, from the fork on. `parent` is the sentinel of the process that forked it,
// and `run` what it does.
[[noreturn]] void child_main(ProcessState& child, Descriptor parent,
                             const std::function<void()>& run) noexcept;

// The life of a child that shares no memory with its parent and waits at `socket` for what it is to
// be and to do. One that was forked by a forkserver, of this process id, tells its end there if the
// forkserver cannot.
[[noreturn]] void sent_child_main(Descriptor socket, std::optional<int> forkserver) noexcept;

}  // namespace mp::internal
