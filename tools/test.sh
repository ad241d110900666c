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
cmake --preset dev
cmake --build --preset dev --parallel "$jobs"

# No GPU is needed to see that the CUDA backend compiles, and that its programs say so where there is none.
if command -v nvcc >/dev/null; then
  cmake --preset cuda
  cmake --build --preset cuda --parallel "$jobs" --target conec-train base_device_test word2vec_cbow_warp_test \
    word2vec_cuda_trainer_test conec_context_warp_test conec_context_cuda_test cuda_bench
  gpuless='^(base\.(NoCuda|CudaError|FindCuda)|word2vec\..*(Warp|OfRange|OfRows|HeldRows|Device|Cuda)|conec\..*Context(Warp|Check|Chunks))'
  ctest --preset cuda --parallel "$jobs" -R "$gpuless" --no-tests=error
fi

exec ctest --preset dev --parallel "$jobs"
