#!/usr/bin/env python3
"""Checks who includes whom, against the table below.

    check_layers.py [ROOT]        every .h, .cc and .cpp file under the layers; prints a line for each violation
    check_layers.py --self-test   plants violations in a tree of its own and demands that each is found
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

# What an include line can name. A project include is written from the root of the project ("server/objects/dict.h"),
# a public header from client_lib/include ("mp/proxy/dict.h").
STD = r"[a-z_0-9]+"  # <vector>
POSIX = r"(sys|linux|netinet|arpa)/.+\.h|[a-z_0-9]+\.h"  # <sys/socket.h>, <unistd.h>
WIRE = r"mp/v1/[a-z_]+\.pb\.h|google/protobuf/.+"  # generated messages
ABSL = r"absl/.+"
GRPC = r"grpc(pp)?/.+|mp/v1/.+\.grpc\.pb\.h"
PUBLIC = r"mp/(?!v1/).+"
PROTOZERO = r"protozero/.+"
LOG_AND_FLAGS = r"spdlog/.+|CLI/.+"

# What the two ends of shared memory have in common.
BOTH_ENDS = r"client_lib/local/(lane/.+|shared/(spin|patience)\.h|os/(ancillary|descriptor)\.h)|mp/current_process\.h"

# What a state machine has no use for: it knows no thread, clock, chance, or world outside.
THREADS = r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
CHANCE_AND_IO = r"random|ctime|iostream|fstream|filesystem|cstdio"

# The packaged absl::Mutex gives ThreadSanitizer false reports, and its clock is not the one that is handed in.
NEVER_ABSL = r"absl/(synchronization|time/clock).*"


class Layer(NamedTuple):
    path: str  # a folder, or one file; of several that fit, the longest holds
    may: tuple  # patterns, each for a whole include
    never: tuple = ()  # patterns that are refused though `may` allows them
    never_says: str = r"(?!)"  # a pattern that no line of code may contain
    siblings: bool = False  # may a header in the same folder go by its name alone?


LAYERS = (
    Layer("server/objects/", (STD, ABSL, WIRE, "server/objects/.+"), (THREADS, CHANCE_AND_IO),
          r"_clock::now\b|\babsl::Now\b|\bclock_gettime\b|\bgettimeofday\b"),
    Layer("server/engine/", (STD, POSIX, ABSL, WIRE, "server/(engine|objects)/.+")),
    # Its local lane shares memory with the client library, and what is done there is said once for both ends.
    Layer("server/lanes/", (STD, POSIX, ABSL, WIRE, GRPC, r"grpc/.+\.pb\.h", LOG_AND_FLAGS,
                            "server/(lanes|engine|objects)/.+", BOTH_ENDS)),
    Layer("server/relay/", (STD, POSIX, ABSL, WIRE, GRPC, LOG_AND_FLAGS,
                            "server/(relay|lanes|engine|objects)/.+", BOTH_ENDS)),
    Layer("server/node/", (STD, POSIX, ABSL, WIRE, GRPC, LOG_AND_FLAGS,
                           "server/(node|relay|lanes|engine|objects)/.+")),
    Layer("server/", (STD, POSIX, ABSL, WIRE, GRPC, LOG_AND_FLAGS, "server/.+")),
    Layer("client_lib/include/mp/", (STD, PUBLIC)),
    Layer("client_lib/include/mp/codec/cereal.h", (STD, PUBLIC, "cereal/.+")),
    Layer("client_lib/include/mp/codec/protobuf.h", (STD, PUBLIC, "google/protobuf/.+")),
    Layer("client_lib/local/", (STD, POSIX, PUBLIC, "client_lib/local/.+"),
          (r"mp/(proxy|wire)/.+|mp/(mp|manager)\.h",)),
    Layer("client_lib/local/connection/hmac.cc", (STD, POSIX, PUBLIC, "client_lib/local/.+", "openssl/.+")),
    Layer("client_lib/", (STD, POSIX, PUBLIC, PROTOZERO, "client_lib/.+")),
    Layer("client_lib/manager/stream_", (STD, POSIX, PUBLIC, GRPC, "client_lib/.+", r"server/lanes/manager_channel\.h")),
    Layer("client_lib/manager/embedded.cc", (STD, POSIX, PUBLIC, ABSL, LOG_AND_FLAGS, "client_lib/.+", "server/.+")),
    Layer("client_lib/manager/custom_host.", (STD, POSIX, PUBLIC, "client_lib/.+", "server/.+")),
    Layer("client_lib/manager/custom_serve.cc", (STD, PUBLIC, "client_lib/.+", r"server/serve\.h")),
    Layer("examples/", (STD, POSIX, PUBLIC)),
    Layer("deploy/", (STD, POSIX, PUBLIC), siblings=True),  # programs as users write them
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    return max((layer for layer in LAYERS if path.startswith(layer.path)),
               key=lambda layer: len(layer.path))


def fits(patterns, text):
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def violations(path, text):
    """Yields (line number, what is wrong) for one file."""
    layer = layer_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        if include := INCLUDE.match(line):
            quote, name = include.groups()
            if quote == '"' and "/" not in name:
                if not layer.siblings:
                    yield number, f"write {name} from the root of the project"
            elif not fits(layer.may, name) or fits((*layer.never, NEVER_ABSL), name):
                yield number, f"{layer.path} may not include {name}"
        elif said := re.search(layer.never_says, line.split("//")[0]):
            yield number, f"{layer.path} may not say {said.group()}: time is handed in"


def check(root):
    """Returns (violations as lines of text, number of files read)."""
    found, read = [], 0
    for folder in sorted({layer.path.split("/")[0] for layer in LAYERS}):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".h", ".cc", ".cpp") and file.is_file():
                path = file.relative_to(root).as_posix()
                read += 1
                found += [f"{path}:{number}: {wrong}"
                          for number, wrong in violations(path, file.read_text("utf-8"))]
    return found, read


# (file, line in it, whether it is a violation)
PLANTED = (
    ("server/objects/queue.cc", "#include <vector>", False),
    ("server/objects/queue.cc", "#include <chrono>", False),
    ("server/objects/queue.cc", '#include "absl/status/status.h"', False),
    ("server/objects/queue.cc", '#include "mp/v1/queue.pb.h"', False),
    ("server/objects/queue.cc", '#include "queue.h"', True),
    ("server/objects/queue.cc", "#include <mutex>", True),
    ("server/objects/queue.cc", "  #  include <thread>", True),
    ("server/objects/queue.cc", "#include <sys/socket.h>", True),
    ("server/objects/queue.cc", "#include <grpcpp/grpcpp.h>", True),
    ("server/objects/queue.cc", '#include "mp/v1/queue.grpc.pb.h"', True),
    ("server/objects/queue.cc", '#include "server/engine/shard.h"', True),
    ("server/objects/queue.cc", '#include "absl/time/clock.h"', True),
    ("server/objects/queue.cc", "auto now = std::chrono::steady_clock::now();", True),
    ("server/objects/queue.cc", "// not steady_clock::now(), but handed in", False),
    ("server/engine/shard.cc", "#include <mutex>", False),
    ("server/engine/shard.cc", '#include "shard.h"', True),
    ("server/engine/shard.cc", '#include "server/objects/queue.h"', False),
    ("server/engine/shard.cc", '#include "absl/synchronization/mutex.h"', True),
    ("server/engine/shard.cc", '#include "server/lanes/unary.h"', True),
    ("server/engine/shard.cc", "#include <grpcpp/grpcpp.h>", True),
    ("server/lanes/unary.cc", "#include <grpcpp/grpcpp.h>", False),
    ("server/lanes/unary.cc", '#include "grpc/health/v1/health.pb.h"', False),
    ("server/lanes/unary.cc", '#include "server/relay/relay.h"', True),
    ("server/lanes/unary.cc", '#include "client_lib/manager/session.h"', True),
    ("server/lanes/local_lane.cc", '#include "client_lib/local/lane/byte_ring.h"', False),
    ("server/lanes/local_lane.cc", '#include "client_lib/local/shared/memory.h"', True),
    ("server/relay/relay.cc", '#include "server/lanes/local.h"', False),
    ("server/main.cc", '#include "server/relay/relay.h"', False),
    ("server/main.cc", '#include "mp/manager.h"', True),
    ("client_lib/local/connection/hmac.cc", "#include <openssl/hmac.h>", False),
    ("client_lib/local/connection/handshake.cc", "#include <openssl/hmac.h>", True),
    ("client_lib/include/mp/queue.h", "#include <deque>", False),
    ("client_lib/include/mp/queue.h", '#include "mp/codec.h"', False),
    ("client_lib/include/mp/queue.h", '#include "mp/v1/queue.pb.h"', True),
    ("client_lib/include/mp/queue.h", '#include "absl/status/status.h"', True),
    ("client_lib/include/mp/queue.h", "#include <unistd.h>", True),
    ("client_lib/include/mp/queue.h", "#include <protozero/pbf_writer.hpp>", True),
    ("client_lib/include/mp/queue.h", "#include <cereal/cereal.hpp>", True),
    ("client_lib/include/mp/codec/cereal.h", "#include <cereal/cereal.hpp>", False),
    ("client_lib/include/mp/codec/protobuf.h", "#include <google/protobuf/message.h>", False),
    ("client_lib/local/pool.cc", "#include <sys/mman.h>", False),
    ("client_lib/local/pool.cc", '#include "client_lib/manager/session.h"', True),
    ("client_lib/local/pool.cc", '#include "mp/proxy/dict.h"', True),
    ("client_lib/local/pool.cc", "#include <google/protobuf/message.h>", True),
    ("client_lib/manager/session.cc", '#include "client_lib/local/pool.h"', False),
    ("client_lib/manager/session.cc", "#include <protozero/pbf_writer.hpp>", False),
    ("client_lib/manager/session.cc", "#include <google/protobuf/message.h>", True),
    ("client_lib/manager/session.cc", '#include "server/engine/shard.h"', True),
    ("client_lib/manager/embedded.cc", '#include "server/engine/shard.h"', False),
    ("examples/tour/08_manager.cpp", "#include <mp/mp.h>", False),
    ("examples/tour/08_manager.cpp", '#include "client_lib/manager/session.h"', True),
    ("examples/tour/08_manager.cpp", '#include "cluster.h"', True),
    ("deploy/wordcount/worker.cpp", "#include <mp/mp.h>", False),
    ("deploy/wordcount/worker.cpp", '#include "job.h"', False),
    ("deploy/wordcount/worker.cpp", '#include "client_lib/manager/session.h"', True),
    ("deploy/wordcount/worker.cpp", "#include <grpcpp/grpcpp.h>", True),
)


def self_test():
    """Plants all of PLANTED in one tree and compares what is found with what should be."""
    lines = {}
    expected = set()
    for path, line, wrong in PLANTED:
        lines.setdefault(path, []).append(line)
        if wrong:
            expected.add(f"{path}:{len(lines[path])}")
    with tempfile.TemporaryDirectory() as folder:
        for path, content in lines.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(content) + "\n", "utf-8")
        found = {":".join(line.split(":")[:2]) for line in check(Path(folder))[0]}
    for place in sorted(expected - found):
        print(f"not found: {place}")
    for place in sorted(found - expected):
        print(f"found wrongly: {place}")
    return found == expected


def main(arguments):
    if arguments == ["--self-test"]:
        good = self_test()
        print(f"layers: {'finds' if good else 'does not find'} what was planted ({len(PLANTED)} lines)")
    else:
        root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
        found, read = check(root)
        print("".join(f"{line}\n" for line in found), end="")
        good = read > 0 and not found
        print(f"layers: {'kept' if good else 'broken'} ({len(found)} violations in {read} files)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
