#!/usr/bin/env python3
"""Runs the commands of a Markdown file, so that what it tells people to type works.

    run_readme.py FILE.md --root REPOSITORY [--bin FOLDER_OF_PROGRAMS]

A fenced block whose line before is `<!-- test -->` is run by bash (-euo pipefail); it must exit with 0. If the next fenced
block has `<!-- output -->` before it, its lines must occur in this order in what the commands print (stdout and stderr);
`...` in such a line stands for any text, and a line that is only `...` is a comment for the reader. A block after
`<!-- test needs NAME -->` needs $CONEC_DATA/NAME: without it, the block and its output are left out, which is said.

All blocks of a file run one after the other in one scratch copy of the repository, in which the programs lie in
build/release/bin (and on PATH) as if built there. Exit code 0: all passed; 1: one failed; 2: the file is malformed;
77: no block is marked.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^(```+|~~~+)\s*(\S*)\s*$")
MARK = re.compile(r"^<!--\s*(test|output)(?:\s+needs\s+([\w./-]+))?\s*-->$")


class Malformed(Exception):
    pass


def marked_blocks(text):
    """Yields (mark, needed data or None, language, first line number, lines) for every marked fenced block."""
    lines = text.splitlines()
    i = 0
    while i < len(lines):
        mark = MARK.match(lines[i].strip())
        fence_at = i + 1 if mark else i
        fence = FENCE.match(lines[fence_at]) if fence_at < len(lines) else None
        if mark and not fence:
            raise Malformed(f"line {i + 1}: '{lines[i].strip()}' must stand directly before a fenced block")
        if not fence:
            i += 1
            continue
        end = fence_at + 1
        while end < len(lines) and lines[end].strip() != fence.group(1):
            end += 1
        if end == len(lines):
            raise Malformed(f"line {fence_at + 1}: the block does not end")
        if mark:
            yield mark.group(1), mark.group(2), fence.group(2), fence_at + 2, lines[fence_at + 1 : end]
        i = end + 1


def missing_line(expected, output):
    """The first expected line that does not occur, in order, in the output; None if all do."""
    lines = iter(output.splitlines())
    for wanted in expected:
        if wanted.strip() in ("", "..."):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.strip().split("...")))
        if not any(pattern.fullmatch(line.strip()) for line in lines):
            return wanted
    return None


def has_data(name):
    return not name or ("CONEC_DATA" in os.environ and os.path.exists(os.path.join(os.environ["CONEC_DATA"], name)))


def copy_repository(root, scratch, programs):
    shutil.copytree(root, scratch, symlinks=True, ignore=lambda folder, names: [
        name for name in names if folder == root and name in (".git", "build", "out")])
    if programs:
        os.makedirs(os.path.join(scratch, "build", "release"))
        os.symlink(programs, os.path.join(scratch, "build", "release", "bin"))


def run_block(lines, folder, environment):
    script = "set -euo pipefail\n" + "\n".join(lines) + "\n"
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def run_file(path, root, programs):
    with open(path, encoding="utf-8") as file:
        blocks = list(marked_blocks(file.read()))
    if not any(mark == "test" for mark, *_ in blocks):
        print(f"{path}: no block is marked with <!-- test -->")
        return 77
    environment = dict(os.environ)
    if programs:
        environment["PATH"] = programs + os.pathsep + environment["PATH"]
    output = None
    left_out = False
    with tempfile.TemporaryDirectory(prefix="conec-readme-") as folder:
        scratch = os.path.join(folder, "repository")
        copy_repository(root, scratch, programs)
        for mark, needs, language, line, lines in blocks:
            if mark == "output" and left_out:
                continue
            left_out = not has_data(needs)
            if left_out:
                print(f"{path}:{line}: left out: CONEC_DATA names no folder with {needs}")
                continue
            if mark == "test":
                if language not in ("sh", "bash"):
                    raise Malformed(f"line {line}: only sh and bash blocks can be run, not '{language}'")
                code, output = run_block(lines, scratch, environment)
                print(f"{path}:{line}: exit code {code}")
                if code != 0:
                    print("\n".join(lines), "\n--- output:\n" + output)
                    return 1
            else:
                if output is None:
                    raise Malformed(f"line {line}: an output block follows no test block")
                wanted = missing_line(lines, output)
                if wanted is not None:
                    print(f"{path}:{line}: the output lacks (in this order): {wanted}\n--- output:\n{output}")
                    return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--root", required=True)
    parser.add_argument("--bin")
    arguments = parser.parse_args()
    try:
        return run_file(arguments.file, os.path.abspath(arguments.root), arguments.bin)
    except Malformed as error:
        print(f"{arguments.file}: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())
