#!/usr/bin/env python3
"""What `meson install` gives to others: files, versions, symbols, headers for C and C++, the example
built through pkg-config, manual pages.

Usage: install_test.py SOURCE BUILD
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow", "-Wundef"]
C = ["-std=c11", "-Wstrict-prototypes", "-Wc++-compat"]
CPP = ["-x", "c++", "-std=c++17", "-Wold-style-cast", "-Wzero-as-null-pointer-constant"]
COMPILERS = {"gcc": [C], "clang-19": [C], "g++": [CPP], "clang++-19": [CPP]}


def run(*command, **environment):
    """What the command says on standard output; its failure ends the test."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(condition, what):
    if not condition:
        sys.exit(f"failed: {what}")


class Installed:
    def __init__(self, source, build, folder):
        run("meson", "install", "-C", build, "--no-rebuild", "--destdir", folder)
        self.source, self.build = source, build
        self.pc = next(folder.rglob("sotto.pc"))
        self.prefix = f"{folder}{run('pkg-config', '--variable=prefix', self.pc).strip()}"
        self.lib = self.pc.parent.parent
        self.headers = sorted((Path(self.prefix) / "include/sotto").glob("*.h"))

    def flags(self, *options):
        return run("pkg-config", f"--define-variable=prefix={self.prefix}", *options, "sotto",
                   PKG_CONFIG_PATH=str(self.pc.parent)).split()

    def functions(self):
        """The functions that the headers declare."""
        text = "\n".join(header.read_text() for header in self.headers)
        text = re.sub(r"//.*|#define .*", "", text)
        return set(re.findall(r"SOTTO_API [^;(]*?(\w+)\s*\(", text))


def files(installed):
    version = installed.flags("--modversion")[0]
    for name in ("bin/sotto", "bin/sottod", "share/man/man1/sotto.1"):
        check((Path(installed.prefix) / name).is_file(), f"{name} is installed")
    print_config = run(Path(installed.prefix) / "bin/sottod", "--print-config")
    check(f'web_root: "{installed.prefix}/share/sotto/web"' in print_config, "sottod looks for the web app there")
    if (installed.build / "web").is_dir():
        check((Path(installed.prefix) / "share/sotto/web/index.html").is_file(), "the web app")
    check([header.name for header in installed.headers] ==
          sorted(path.name for path in (installed.source / "include/sotto").glob("*.h")), "all headers")
    check((installed.lib / "libsotto.a").is_file(), "libsotto.a")
    check(os.readlink(installed.lib / "libsotto.so") == "libsotto.so.0", "the link for building")
    check(os.readlink(installed.lib / "libsotto.so.0") == f"libsotto.so.{version}", "the link for running")
    dynamic = run("readelf", "-d", installed.lib / "libsotto.so")
    check("soname: [libsotto.so.0]" in dynamic, "the soname")
    check("libssl" not in dynamic, "of OpenSSL only libcrypto is needed")
    print("ok files")


def versions(installed, work):
    source = work / "version.c"
    source.write_text('#include <sotto/sotto.h>\n#include <stdio.h>\nint main(void) { printf("%d.%d.%d %s",'
                      " SOTTO_VERSION_MAJOR, SOTTO_VERSION_MINOR, SOTTO_VERSION_PATCH, sotto_version()); }\n")
    run("gcc", source, "-o", work / "version", *installed.flags("--cflags", "--libs"))
    version = installed.flags("--modversion")[0]
    said = run(work / "version", LD_LIBRARY_PATH=str(installed.lib))
    check(said == f"{version} {version}", f"one version everywhere, not {said} and {version}")
    check(run(f"{installed.prefix}/bin/sotto", "--version").strip() == f"sotto {version}", "the command's version")
    print("ok versions")


def dynamic_symbols(library):
    return {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}


def symbols(installed):
    declared = installed.functions()
    exported = dynamic_symbols(installed.lib / "libsotto.so")
    check(len(declared) > 20, "the headers declare functions")
    check(exported == declared, f"exported, not declared, or the other way: {sorted(exported ^ declared)}")
    members = run("nm", "-g", "--defined-only", installed.lib / "libsotto.a").splitlines()
    names = {line.split()[-1] for line in members if len(line.split()) == 3}
    check(declared <= names, "the static library has all of them")
    check(all(name.startswith("sotto_") for name in names), "the static library's names start with sotto_")
    print(f"ok {len(exported)} symbols, those of the headers")


def headers(installed, work):
    """Each header alone, twice, for every compiler; no header of another library."""
    for header in installed.headers:
        text = header.read_text()
        included = set(re.findall(r"#include (\S+)", text)) - {"<stdbool.h>", "<stddef.h>", "<stdint.h>"}
        check(all(name.startswith('"sotto/') for name in included), f"{header.name} includes {included}")
        check(len(text.splitlines()) < 200, f"{header.name} is under 200 lines")
    include = "".join(f"#include <sotto/{header.name}>\n" for header in installed.headers)
    for compiler, languages in COMPILERS.items():
        for language in languages:
            for header in [*installed.headers, None]:
                source = work / "header.c"
                source.write_text((f"#include <sotto/{header.name}>\n" * 2 if header else include)
                                  + "int main(void) { return 0; }\n")
                run(compiler, *language, *WARNINGS, "-I", installed.headers[0].parent.parent,
                    "-fsyntax-only", source)
    print("ok every header by itself, as C11 and as C++17")


def example(installed, work):
    source = installed.source / "examples/c/seal_and_open.c"
    expected = "1200 bytes, sealed as 1222, opened as 1200: it worked\n"
    for compiler, languages in COMPILERS.items():
        for language in languages:
            program = work / "example"
            run(compiler, *language, *WARNINGS, source, "-o", program, *installed.flags("--cflags", "--libs"))
            check(run(program, LD_LIBRARY_PATH=str(installed.lib)) == expected, f"shared, {compiler}")
            check("libsotto.so.0" in run("readelf", "-d", program), f"{compiler} took the shared library")
    static = installed.flags("--static", "--cflags", "--libs")
    check("-lcrypto" in static and "-lcrypto" not in installed.flags("--libs"), "what only static linking needs")
    run("gcc", "-static", source, "-o", work / "example", *static)
    check(run(work / "example") == expected, "static")
    print("ok the example, shared and static")


def library_alone(installed, work):
    """Without the programs, where of all that is needed otherwise there is only OpenSSL."""
    known, build, folder = work / "pkgconfig", work / "alone", work / "alone_root"
    known.mkdir()
    libcrypto = Path(run("pkg-config", "--variable=pcfiledir", "libcrypto").strip()) / "libcrypto.pc"
    (known / "libcrypto.pc").symlink_to(libcrypto)
    run("meson", "setup", build, installed.source, "-Dprograms=false", PKG_CONFIG_LIBDIR=str(known))
    run("meson", "compile", "-C", build)
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", folder)
    alone = next(folder.rglob("libsotto.so"))
    check(dynamic_symbols(alone) == installed.functions(), "the library alone exports the same")
    prefix = folder / Path(installed.prefix).relative_to(work / "root")
    check((prefix / "share/man/man3/libsotto.3").is_file(), "the library alone has its manual")
    check(not (prefix / "bin").exists(), "no programs")
    print("ok the library alone")


def manual(installed):
    folder = Path(installed.prefix) / "share/man/man3"
    for name in [*installed.functions(), "libsotto"]:
        text = (folder / f"{name}.3").read_text() if (folder / f"{name}.3").is_file() else ""
        target = re.match(r"\.so (man3/\S+)\n", text)
        page = (folder.parent / target[1]).read_text() if target else text
        check(f".SS {name}\n" in page or f".TH {name} 3" in page, f"{name} has a manual page")
    first = (folder / "libsotto.3").read_text()
    for header in installed.headers:
        page = "libsotto" if header.stem == "sotto" else f"sotto_{header.stem}"
        check(page == "libsotto" or f".BR {page} (3)," in first, f"libsotto(3) leads to {page}(3)")
    for document in set(re.findall(r"docs/([\w-]+\.md)", "".join(path.read_text() for path in installed.headers))):
        check((folder.parents[1] / "doc/libsotto" / document).is_file(), f"{document}, which a header names, is there")
    pages = [*folder.glob("*.3"), folder.parent / "man1/sotto.1"]
    for page in pages:
        if page.read_text().startswith(".so "):
            continue
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True)
        check(done.returncode == 0 and not done.stderr, f"{page.name}: {done.stderr}")
    print(f"ok {len(pages)} manual pages")


def main(arguments):
    source, build = (Path(argument).resolve() for argument in arguments)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        installed = Installed(source, build, work / "root")
        files(installed)
        versions(installed, work)
        symbols(installed)
        headers(installed, work)
        example(installed, work)
        manual(installed)
        library_alone(installed, work)


main(sys.argv[1:])
