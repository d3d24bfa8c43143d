#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client_lib/local/os/descriptor.h"

// The names of shared memory: files in /dev/shm, as shm_open(3) has them, and who owns them.
//
// A file that has an owner has the sticky bit, which means nothing to anybody else, and whoever
// owns it has a read lock on a byte far behind its end. The kernel takes the lock back with the
// last descriptor of the one open file: an owned file without that lock is an orphan. Who removes a
// name has a write lock on the next byte, so that between the look at it and its removal it does
// not become another's.
//
//   made, no name ──link──▶ owned ──the owner's end──▶ orphan ──the next process──▶ none
//                             └──────────────unlink()───────────────────────────────▲

namespace mp::internal {

enum class Owned : std::uint8_t { kNo, kYes };

// Without a leading slash. Errors: ValueError.
std::string checked_name(std::string_view name);
std::string random_name();

// A file without a name; owned by whoever has the descriptor. Not open, with errno.
Descriptor make_unnamed(Owned owned);

// Gives it its name: an errno, or 0.
int link_name(int fd, const std::string& name);

// Not open, with errno: ELOOP for a symbolic link.
Descriptor open_name(const std::string& name);

// What a killed owner has left.
bool is_orphan(int fd);

// Removes the name if it is that of this file, or, without one, of an orphan. An errno, or 0;
// ENOENT: there is no such name; ESTALE: it is another's.
int remove_name(const std::string& name, std::optional<ino_t> file);

// Removes all orphans that this process may. Errors: MemoryError.
std::size_t sweep_names();
// At the first call of each process.
void sweep_names_once();

}  // namespace mp::internal
