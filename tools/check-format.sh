#!/usr/bin/env bash
# Fails, naming the lines, if a source file is not formatted as .clang-format says. `--fix` formats instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v clang-format >/dev/null; then
  echo "$0: clang-format is missing: ./tools/install-deps.sh --test" >&2
  exit 77
fi
mode=(--dry-run --Werror)
[[ ${1:-} == --fix ]] && mode=(-i)
find . \( -path ./build -o -path ./out -o -path ./.git \) -prune -o \
  -type f \( -name '*.h' -o -name '*.cc' -o -name '*.cu' -o -name '*.cuh' \) -print0 |
  xargs -0 clang-format "${mode[@]}"
