#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors, and runs all tests but those labelled slow and gpu, including
# the format and tidy checks (label lint). Ends with ctest's summary and its exit code.
set -euo pipefail
case "${1:-}" in
  "") ;;
  -h | --help) echo "usage: $0 (no options): installs packages, builds, runs all tests and checks"; exit 0 ;;
  *) echo "usage: $0 (nothing else; after it, ctest --preset dev takes ctest's options)" >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

./tools/install-deps.sh --test
# With the CUDA backend where nvcc is: no GPU is needed to see that it compiles, and that programs say so where there is none.
cuda=OFF
if command -v nvcc >/dev/null; then cuda=ON; fi
cmake --preset dev -DCONEC_CUDA=$cuda
cmake --build --preset dev --parallel "$jobs"
exec ctest --preset dev --parallel "$jobs"
