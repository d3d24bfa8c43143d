#pragma once

#include <array>
#include <cstddef>

// What both sides of a guardian agree upon: guardian.cc in the process that has daemons, and
// guardian_main.cc in the guardian, which is this program again.

namespace mp::internal {

// Its only argument, the zeroth. That alone makes no program a guardian: see is_guardian().
constexpr char kGuardianName[] = "mp-guardian";

// Its one descriptor beside the standard ones, which are /dev/null: a Unix socket of whole messages
// (SOCK_SEQPACKET), whose first message has been sent before the guardian was started.
//
//   greeting, with a pidfd of the process that it serves  ──▶
//                                                         ◀──  one byte: it stands guard
//   one byte, with pidfds of daemons                      ──▶
constexpr int kGuardianSocket = 3;
constexpr std::array<char, 16> kGuardianGreeting = {'m', 'p', '-', 'g', 'u',    'a',    'r',    'd',
                                                    'i', 'a', 'n', 1,   '\xd6', '\x0b', '\xe9', 0};
constexpr std::size_t kPidfdsPerMessage = 64;

// Runs before main() of every program that is linked with it. Where the program was started as a
// guardian it never returns.
void become_guardian_if_started_as_one(int argc, char** argv, char** environment);

}  // namespace mp::internal
