#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors, and runs all tests but those labelled slow and gpu, including
# the format and tidy checks (label lint). Ends with ctest's summary and its exit code.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

./tools/install-deps.sh --test
cmake --preset dev
cmake --build --preset dev --parallel "$jobs"

# No GPU is needed to see that the CUDA backend compiles.
if command -v nvcc >/dev/null && find . -name '*.cu' -not -path './build/*' | grep -q .; then
  cmake --preset cuda -DBUILD_TESTING=OFF
  cmake --build --preset cuda --parallel "$jobs"
fi

exec ctest --preset dev --parallel "$jobs"
