#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) over the libraries and programs, in parallel:  check-tidy.sh [BUILD_FOLDER]
# A file that passed is not checked again until it, a header, how it is compiled or the configuration changes
# (BUILD_FOLDER/tidy/). Files that include <torch/...>, themselves or through a header of ours, are left out: clang 14 cannot
# parse c10::IValue in C++20. (<ATen/...> it can.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v clang-tidy >/dev/null; then
  echo "$0: clang-tidy is missing: ./tools/install-deps.sh --test" >&2
  exit 77
fi
build=$(realpath -m "${1:-build/dev}")
if [[ ! -f $build/compile_commands.json ]]; then
  echo "$0: $build/compile_commands.json is missing; configure first: cmake --preset dev" >&2
  exit 2
fi
mkdir -p "$build/tidy"

# What every file's result depends on.
shared=$({
  clang-tidy --version
  cat .clang-tidy
  find . \( -path ./build -o -path ./out -o -path ./tests -o -path ./.git \) -prune -o -name '*.h' -print0 |
    sort -z | xargs -0 sha256sum
} | sha256sum)

check() {
  local build=$1 shared=$2 file=$3 command=$4 stamp output
  stamp=$build/tidy/$({ echo "$shared $command"; cat "$file"; } | sha256sum | cut -d' ' -f1)
  [[ -e $stamp ]] && return 0
  # -Wno-error: the compiler's own warnings are the build's business; here only the checks count.
  if output=$(clang-tidy -p "$build" --quiet --extra-arg=-Wno-error --extra-arg=-Wno-unknown-warning-option "$file" 2>&1); then
    touch "$stamp"
  else
    echo "$file: clang-tidy failed with exit code $?"
    grep -v "warnings generated.$" <<<"$output"
    return 1
  fi
}
export -f check

python3 - "$build/compile_commands.json" <<'PYTHON' | xargs -0 -P "$(nproc)" -n 2 bash -c 'check "$@"' check "$build" "$shared"
import functools, json, os, re, sys
root = os.getcwd() + "/"

@functools.lru_cache(maxsize=None)
def includes_torch(file):
    text = open(file).read()
    ours = [header for header in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE) if os.path.exists(header)]
    return "#include <torch/" in text or any(includes_torch(header) for header in ours)

commands = {}
for entry in json.load(open(sys.argv[1])):
    file = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
    if file.startswith(root) and file.endswith(".cc"):
        commands.setdefault(file[len(root):], []).append(entry["command"])
for file in sorted(commands):
    if not file.startswith(("tests/", "build/")) and not includes_torch(file):
        print(file, " ".join(sorted(commands[file])), sep="\0", end="\0")
PYTHON
