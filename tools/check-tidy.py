#!/usr/bin/env python3
"""Runs clang-tidy (.clang-tidy) over the libraries and programs, in parallel:  check-tidy.py [BUILD_FOLDER]

Most of clang-tidy's time goes into the headers of the libraries, so files of one room that define no name twice are
checked as one translation unit that includes them, eight times as fast. A unit in which anything is found, be it
only that two files cannot stand together, is checked again file by file, and only that is reported. A unit that passed is
not checked again until one of its files, a header, the flags or the configuration changes (BUILD_FOLDER/tidy/).

What looks at a whole translation unit sees less so: misc-unused-alias-decls nothing but headers, misc-unused-using-decls
not what another file of the unit uses.

Files that include <torch/...>, <ATen/ATen.h> or <ATen/Functions.h>, themselves or through a header of ours, are left out:
clang 14 cannot parse c10::IValue in C++20. (<ATen/core/Tensor.h> it can.)
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

FILES_PER_UNIT = 14
OPTIONS = ["--quiet", "--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option"]  # warnings are the build's business


@functools.lru_cache(maxsize=None)
def includes_torch(file):
    text = pathlib.Path(file).read_text()
    ours = [header for header in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE) if os.path.exists(header)]
    itself = re.search(r"#include <(torch/|ATen/(ATen|Functions)\.h)", text) is not None
    return itself or any(includes_torch(header) for header in ours)


def files_of(entry):
    """The files that one compiler command compiles: several, included by a file of CMake's, where conec_unity() says so."""
    file = pathlib.Path(os.path.normpath(os.path.join(entry["directory"], entry["file"])))
    if file.suffix == ".cxx" and file.parent.name == "Unity":
        return re.findall(r'^#include "(.*)"', file.read_text(), re.MULTILINE)
    return [str(file)]


def sources(build):
    """Our .cc files (relative names) with their flags."""
    root = os.getcwd() + "/"
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        for file in files_of(entry):
            name = file.removeprefix(root)
            if name == file or not name.endswith(".cc") or name.startswith(("tests/", "build/")) or includes_torch(name):
                continue
            flags[name] = tuple(word for word in words[1 : words.index("-o")] if word != "-c")
    return flags


DEFINITION = re.compile(
    r"(?=\S)(?:(?:class|struct|enum class) (\w+)[^;]*\{"  # a type,
    r"|(?!using|return|static_assert)[\w:<>,*&\[\] ]*?[ >*&](?<!::)(\w+)(?:\(|\{| = |\[\w*\] = ))"  # a function, a constant
)


def defined_names(file):
    """What a file defines outside of functions and classes, with the namespaces it stands in; not members of classes."""
    names, namespaces = set(), []
    for line in pathlib.Path(file).read_text().splitlines():
        if (opened := re.match(r"namespace ([\w:]*) ?\{", line)) is not None:
            namespaces.append(opened[1])
        elif line.startswith("}  // namespace") and namespaces:
            namespaces.pop()
        elif (found := DEFINITION.match(line)) is not None:
            names.add("::".join([*filter(None, namespaces), found[1] or found[2]]))
    return names


def unit_flags(flags, files):
    """The flags of all files, each once."""
    words = {}
    for file in files:
        rest = list(flags[file])
        while rest:
            word = rest.pop(0)
            words[(word, rest.pop(0)) if word in ("-isystem", "-I", "-D", "-include") else (word,)] = None
    return [word for group in words for word in group]


def units(flags):
    """Lists of files of one room for one kind of processor, none of which define the same name."""
    groups = {}
    for file in sorted(flags):
        machine = tuple(word for word in flags[file] if word.startswith("-m"))
        groups.setdefault((pathlib.Path(file).parts[0], machine), []).append(file)
    for files in groups.values():
        found = []
        for file in files:
            names = defined_names(file) - {"main"}
            for unit, defined in found:
                if len(unit) < FILES_PER_UNIT and not names & defined:
                    unit.append(file)
                    defined |= names
                    break
            else:
                found.append(([file], set(names)))
        yield from (unit for unit, _ in found)


def tidy(arguments):
    return subprocess.run(["clang-tidy", *OPTIONS, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def header_filter():
    """That of .clang-tidy, for included .cc files as well."""
    config = pathlib.Path(".clang-tidy").read_text()
    return re.search(r"^HeaderFilterRegex: '(.*)\\.h\$'$", config, re.MULTILINE)[1] + r"\.(h|cc)$"


def unit_text(files):
    """Includes the files; programs with a main() each."""
    lines = [f'#define main Main{i}\n#include "{os.path.abspath(file)}"\n#undef main\n' for i, file in enumerate(files)]
    return "".join(lines)


def check(build, shared, flags, files):
    """What is wrong with these files, as clang-tidy prints it."""
    text = "".join(pathlib.Path(file).read_text() for file in files)
    together = unit_flags(flags, files)
    described = (shared, files, [flags[file] for file in files], text)
    stamp = build / "tidy" / hashlib.sha256(repr(described).encode()).hexdigest()
    if stamp.exists():
        return ""
    filtered = [file for file in files if re.search(header_filter(), os.path.abspath(file)) is None]
    if filtered:
        return f"HeaderFilterRegex of .clang-tidy leaves out {filtered}\n"
    if len(files) > 1:
        unit = stamp.with_suffix(".cc")
        unit.write_text(unit_text(files))
        options = ["--config-file=.clang-tidy", f"--header-filter={header_filter()}"]
        passed = tidy([*options, unit, "--", *together]).returncode == 0
        unit.unlink()
    else:
        passed = False
    found = ""
    for file in [] if passed else files:
        result = tidy([file, "--", *flags[file]])
        if result.returncode != 0:
            lines = [line for line in result.stdout.splitlines() if not line.endswith("warnings generated.")]
            found += "\n".join([f"{file}: clang-tidy failed with exit code {result.returncode}", *lines]) + "\n"
    if not found:
        stamp.touch()
    return found


def main():
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/dev").resolve()
    if shutil.which("clang-tidy") is None:
        print(f"{sys.argv[0]}: clang-tidy is missing: ./tools/install-deps.sh --test", file=sys.stderr)
        return 77
    if not (build / "compile_commands.json").exists():
        print(f"{sys.argv[0]}: {build}/compile_commands.json is missing; configure first: cmake --preset dev", file=sys.stderr)
        return 2
    (build / "tidy").mkdir(exist_ok=True)
    flags = sources(build)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    headers = sorted(str(h) for h in pathlib.Path(".").rglob("*.h") if h.parts[0] not in ("build", "out", "tests", ".git"))
    shared = [version] + [pathlib.Path(file).read_text() for file in [".clang-tidy", __file__, *headers]]
    shared = hashlib.sha256(repr(shared).encode()).hexdigest()
    ok = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        largest_first = sorted(units(flags), key=len, reverse=True)
        for found in pool.map(lambda files: check(build, shared, flags, files), largest_first):
            print(found, end="", flush=True)
            ok = ok and not found
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
