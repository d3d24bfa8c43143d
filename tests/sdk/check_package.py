#!/usr/bin/env python3
"""Installs the package of a build, moves it elsewhere, and builds and runs the programs of consumer/ with it.

    check_package.py --build=DIR --cmake=CMAKE --compiler=COMPILER --abi=0.1 --kinds='static;shared'
                     --parts='local;client;mp;server'
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests/sdk/consumer"
# What mp.local and mp.client must not need, in the names of shared libraries and of CMake's packages.
HEAVY_LIBRARIES = ("libgrpc", "libprotobuf", "libabsl", "libspdlog", "libfmt")
HEAVY_PACKAGES = ("gRPC", "Protobuf", "absl", "spdlog", "CLI11")
SAYS = {
    "local": "[1, 4, 9]\n42\nempty\ntrue\n",
    "client": "{'alice': 36}\nempty\n",
    "mp": "[4, 3, 2, 1, 0]\n",
}
# A symbol of namespace mp, or a table or name of one of its types.
OF_MP = re.compile(r"_Z(T[ISVTHW]|G[VR]|Th[n\d]+_|Tv[n\d]+_[n\d]+_)?P?K?NK?[RO]?2mp")

given = None  # the arguments
folder = None  # where everything is done: outside of mp's tree
prefix = None  # where the package is, after it was moved


def run(*command, env=None):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"status {done.returncode} of {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def install():
    """Installs the whole, and takes it where nothing that was built knows of."""
    global prefix
    first = folder / "first"
    run(given.cmake, "--install", given.build, "--prefix", first, "--strip")
    prefix = folder / "moved" / "there"
    prefix.parent.mkdir()
    first.rename(prefix)
    shutil.copytree(SOURCES, folder / "consumer")


def library_folder():
    return next(prefix.glob("lib/**/libmp-local.a")).parent


def configure(build, *options):
    return run(given.cmake, "-S", folder / "consumer", "-B", folder / build, f"-DCMAKE_PREFIX_PATH={prefix}",
               f"-DCMAKE_CXX_COMPILER={given.compiler}", *options)


def build_with_cmake(kind, *options):
    """All programs with one kind of library, by a project that knows of mp by find_package() alone."""
    build = f"cmake-{kind}"
    configure(build, f"-DPARTS={given.parts}", f"-Dmp_SHARED_LIBS={'ON' if kind == 'shared' else 'OFF'}", *options)
    run(given.cmake, "--build", folder / build, "--parallel", 2)
    return folder / build


def needed(program):
    """What it has loaded, itself or through others."""
    return run("ldd", program)


def environment():
    """For programs that are run: mp-manager on PATH, and a place for sockets."""
    return {"PATH": f"{prefix}/bin:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}


class Manager:
    """A manager that runs beside; gives the address of its Unix socket."""

    def __init__(self, program):
        self.command = [program, "--listen", "none", "--socket", folder / "manager.sock", "--print-address", "1"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env={**os.environ, **environment()}, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise AssertionError(f"the manager does not serve: {self.process.communicate()[1]}")
        return f"unix:{folder / 'manager.sock'}"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=60)


def says(program):
    """What one of the programs prints, which gets a manager if it wants one."""
    name = Path(program).name
    if name != "client":
        return run(program, env=environment())
    with Manager(prefix / "bin" / "mp-manager") as address:
        return run(program, address, env=environment())


class Programs:
    """What holds of the programs, whoever built them: `built` is where they are."""

    def test_each_says_what_it_should(self):
        for part in given.parts.split(";"):
            # Where there is no gRPC, there is no manager for the client.
            if part in SAYS and (part != "client" or "mp" in given.parts.split(";")):
                with self.subTest(part):
                    self.assertEqual(says(self.built / part), SAYS[part])

    def test_local_and_client_load_no_grpc_and_no_protobuf(self):
        for part in ("local", "client"):
            with self.subTest(part):
                libraries = needed(self.built / part)
                self.assertIn("libstdc++", libraries)
                self.assertFalse([name for name in HEAVY_LIBRARIES if name in libraries], libraries)

    def test_a_server_with_a_type_of_its_own_serves(self):
        if "server" not in given.parts.split(";"):
            self.skipTest("this build has no gRPC")
        with Manager(self.built / "server"):
            run(prefix / "bin" / "mp-manager", "--check", folder / "manager.sock")


class WithArchives(Programs, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = build_with_cmake("static")

    def test_programs_load_no_library_of_mp(self):
        for part in given.parts.split(";"):
            with self.subTest(part):
                self.assertNotIn("libmp", needed(self.built / part))

    def test_local_loads_no_openssl_unless_it_listens(self):
        self.assertNotIn("libcrypto", needed(self.built / "local"))


class WithSharedLibraries(Programs, unittest.TestCase):
    """With a program that hides its symbols, and a linker that leaves out what nothing refers to, as Ubuntu's does."""

    @classmethod
    def setUpClass(cls):
        if "shared" not in given.kinds.split(";"):
            raise unittest.SkipTest("this build has no shared libraries: BUILD_SHARED_LIBS")
        cls.built = build_with_cmake("shared", "-DOPTIONS=-fvisibility=hidden;-fvisibility-inlines-hidden",
                                     "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--as-needed")

    def test_each_program_loads_what_it_links(self):
        for part, library in (("local", "libmp-local.so"), ("client", "libmp-client.so"), ("mp", "libmp.so")):
            if part in given.parts.split(";"):
                with self.subTest(part):
                    self.assertIn(library, needed(self.built / part))

    def test_a_library_carries_its_compatibility_in_its_name(self):
        for library in sorted(library_folder().glob("libmp*.so")):
            with self.subTest(library.name):
                self.assertIn(f"soname: [{library.name}.{given.abi}]", run("readelf", "-d", library))

    def test_a_library_shows_names_of_mp_alone(self):
        for library in sorted(library_folder().glob("libmp*.so")):
            with self.subTest(library.name):
                shown = run("nm", "--dynamic", "--defined-only", "--format=just-symbols", library).split()
                names = [name.partition("@")[0] for name in shown if not name.startswith("MP_")]
                self.assertTrue(names)
                self.assertFalse([name for name in names if not OF_MP.match(name)][:10])

    def test_a_library_shows_nothing_of_the_server(self):
        for library in sorted(library_folder().glob("libmp*.so")):
            with self.subTest(library.name):
                shown = run("nm", "--dynamic", "--defined-only", "--demangle", library)
                self.assertNotRegex(shown, r"mp::server::|mp::v1::")


class WithPkgConfig(Programs, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = folder / "make"
        shutil.copytree(SOURCES, cls.built)
        flags = f"-Wl,-rpath,{library_folder()}" if "shared" in given.kinds.split(";") else ""
        run("make", "--jobs=2", "-C", cls.built, f"CXX={given.compiler}", f"LDFLAGS={flags}", *given.parts.split(";"),
            env={"PKG_CONFIG_PATH": str(library_folder() / "pkgconfig")})


def documented(page, language):
    """The blocks of a page that are said to be run by this script."""
    mark = f"<!-- run by: {Path(__file__).resolve().relative_to(ROOT).as_posix()} -->"
    blocks = re.findall(rf"^{re.escape(mark)}\n```{language}\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.M | re.S)
    if not blocks:
        raise AssertionError(f"{page} has no block of {language} below {mark}")
    return blocks


class Documented(unittest.TestCase):
    """What the pages show is done as it stands there, with consumer/PART.cc as program.cc."""

    def project(self, part):
        here = Path(tempfile.mkdtemp(dir=folder))
        shutil.copy(SOURCES / f"{part}.cc", here / "program.cc")
        return here

    def test_a_program_is_built_as_the_pages_show_it_for_cmake(self):
        for page in ("docs/getting-started.md", "docs/sdk.md"):
            for block in documented(page, "cmake"):
                part = re.search(r"COMPONENTS (\w+)", block)[1]
                if part not in given.parts.split(";"):
                    continue
                with self.subTest(page):
                    here = self.project(part)
                    (here / "CMakeLists.txt").write_text(
                        f"cmake_minimum_required(VERSION 3.25)\nproject(documented LANGUAGES CXX)\n{block}")
                    run(given.cmake, "-S", here, "-B", here / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
                        f"-DCMAKE_CXX_COMPILER={given.compiler}")
                    run(given.cmake, "--build", here / "build")
                    self.assertEqual(run(here / "build/program", env=environment()), SAYS[part])

    def test_a_program_is_built_as_the_page_shows_it_without_cmake(self):
        paths = {"PKG_CONFIG_PATH": str(library_folder() / "pkgconfig"), "LD_RUN_PATH": str(library_folder())}
        for block in documented("docs/sdk.md", "sh"):
            with self.subTest(block):
                here = self.project(re.search(r"--libs mp-(\w+)", block)[1])
                run("sh", "-euc", f"cd {here}\n{block}", env=paths)
                self.assertEqual(run(here / "program", env=environment()), SAYS["local"])


class FindPackage(unittest.TestCase):
    def configured(self, find_package, *options):
        """The output of a project that finds mp so, and prints the result."""
        project = Path(tempfile.mkdtemp(dir=folder))
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(finds LANGUAGES CXX)\n"
            f"find_package(mp {find_package})\nmessage(STATUS \"found: ${{mp_FOUND}} ${{mp_PROTO_DIR}}\")\n")
        return run(given.cmake, "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
                   f"-DCMAKE_CXX_COMPILER={given.compiler}", *options)

    def test_local_and_client_ask_for_no_package_of_the_manager(self):
        absent = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in HEAVY_PACKAGES]
        for shared in ("ON", "OFF"):
            if shared == "OFF" or "shared" in given.kinds.split(";"):
                with self.subTest(shared=shared):
                    self.configured("REQUIRED COMPONENTS local client", f"-Dmp_SHARED_LIBS={shared}", *absent)

    def test_shared_libraries_ask_for_no_package_at_all(self):
        if "shared" not in given.kinds.split(";"):
            self.skipTest("this build has no shared libraries: BUILD_SHARED_LIBS")
        absent = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in (*HEAVY_PACKAGES, "OpenSSL")]
        self.configured("REQUIRED", *absent)

    def test_another_minor_version_is_refused_before_1_0(self):
        self.assertIn("found: 0", self.configured("0.999 QUIET"))

    def test_an_unknown_component_is_named(self):
        with self.assertRaisesRegex(AssertionError, "there is no .* component 'nonsense'"):
            self.configured("REQUIRED COMPONENTS nonsense")

    def test_the_protos_are_there(self):
        printed = self.configured("REQUIRED COMPONENTS local")
        protos = Path(printed.partition("found: 1 ")[2].split()[0])
        self.assertTrue((protos / "mp/v1/dict.proto").is_file(), printed)


class Headers(unittest.TestCase):
    def test_each_header_of_a_users_has_all_that_it_includes(self):
        include = prefix / "include"
        names = [str(header.relative_to(include)) for header in sorted(include.rglob("*.h"))
                 if "internal" not in header.parts]
        self.assertIn("mp/mp.h", names)
        source = folder / "headers.cc"
        source.write_text("".join(f"#include <{name}>\n" for name in names))
        run(given.compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{include}", source)

    def test_no_header_is_there_that_no_user_includes(self):
        include = prefix / "include"
        left = [path for path in include.rglob("*.h") if "internal" not in path.parts]
        reached = set()
        while left:
            path = left.pop()
            if path not in reached:
                reached.add(path)
                left += [include / name for name in re.findall(r'^#include "(mp/.+)"', path.read_text(), re.MULTILINE)]
        self.assertEqual(set(include.rglob("*.h")) - reached, set())

    def test_nothing_of_the_place_where_it_was_built_is_in_the_package(self):
        texts = [path for path in prefix.rglob("*") if path.suffix in (".cmake", ".pc", ".h")]
        self.assertTrue(texts)
        for path in texts:
            self.assertNotIn(str(given.build), path.read_text(), path)


def main():
    global given, folder
    parser = argparse.ArgumentParser()
    for name in ("build", "cmake", "compiler", "abi", "kinds", "parts"):
        parser.add_argument(f"--{name}", required=True)
    given, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="mp-package-") as name:
        folder = Path(name)
        install()
        unittest.main(argv=[sys.argv[0], "-v", *rest])


if __name__ == "__main__":
    main()
