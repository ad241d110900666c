#!/usr/bin/env bash
# check_gpu.sh [--sanitizer] [--bench] [CORPUS QUESTIONS]: everything about training on a GPU that needs one.
#
# Builds with CUDA, runs the tests labelled gpu; with --sanitizer runs them under compute-sanitizer (memcheck, initcheck,
# synccheck and racecheck, minutes); with --bench the benchmarks; with a text and analogy questions trains on the CPU and
# on the GPU with 5 epochs and 10, and with different numbers of warps, and scores the vectors. Stops at the first failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sanitizer=false bench=false
while [[ ${1:-} == --* ]]; do
  case "$1" in
    --sanitizer) sanitizer=true ;;
    --bench) bench=true ;;
    *)
      echo "usage: $0 [--sanitizer] [--bench] [CORPUS QUESTIONS]" >&2
      exit 2
      ;;
  esac
  shift
done
corpus=${1:-} questions=${2:-}

command -v nvcc >/dev/null || {
  echo "$0: nvcc is missing: install the CUDA toolkit (12.8 or later; 13.0 was tried)" >&2
  exit 1
}
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv
cmake --preset cuda
cmake --build --preset cuda --parallel "$(nproc)" --target conec-train conec-analogy conec-sample-corpus base_device_test \
  word2vec_cbow_warp_test word2vec_cuda_trainer_test conec_context_warp_test conec_context_cuda_test tools_gpu_test cuda_bench
build=build/cuda

# A test that skips has not checked anything: without a GPU this stops here.
"$build/tests/base/base_device_test"
"$build/bin/conec-sample-corpus" --output out/gpu-check
"$build/bin/conec-train" --input out/gpu-check/text.txt --format paragraph --dim 100 --device cuda --output out/gpu-check/gpu.conec
for test in word2vec/word2vec_cbow_warp_test word2vec/word2vec_cuda_trainer_test conec/conec_context_warp_test \
  conec/conec_context_cuda_test tools/tools_gpu_test; do
  "$build/tests/$test"
done

if $sanitizer; then
  for tool in memcheck initcheck synccheck racecheck; do
    for test in word2vec/word2vec_cuda_trainer_test conec/conec_context_cuda_test; do
      # The smallest dimensions of every kernel; under a sanitizer the others take hours.
      compute-sanitizer --tool "$tool" --error-exitcode 1 "$build/tests/$test" \
        --gtest_filter='*word2vec_*:CudaTrainer.Streamed*:CudaTrainer.Draws*:*ContextOnGpu*/7*:ContextSumsOnGpu.*'
    done
  done
fi
if $bench; then "$build/tests/bench/cuda_bench"; fi
[[ -n $corpus ]] || exit 0

score() { # MODEL: word2vec and ConEc vectors
  for vectors in word2vec conec; do
    "$build/bin/conec-analogy" --model "$1" --questions "$questions" --vectors "$vectors" | grep '^total' |
      sed "s|^|$1 $vectors |"
  done
}
encoded=out/gpu-check/corpus
"$build/bin/conec-train" --input "$corpus" --tokenizer whitespace --epochs 0 --device cpu --corpus "$encoded" \
  --output out/gpu-check/untrained.conec
for epochs in 5 10; do
  for device in cpu cuda; do
    "$build/bin/conec-train" --input "$encoded" --epochs "$epochs" --device "$device" \
      --output "out/gpu-check/$device-$epochs.conec" --json >"out/gpu-check/$device-$epochs.json"
    score "out/gpu-check/$device-$epochs.conec"
  done
done
for warps in 1 16 64 132 264 528; do
  epochs=5
  [[ $warps -gt 1 ]] || epochs=1 # one warp alone is slow
  "$build/bin/conec-train" --input "$encoded" --epochs "$epochs" --device cuda --gpu-warps "$warps" \
    --output "out/gpu-check/warps-$warps.conec"
  score "out/gpu-check/warps-$warps.conec"
done
# End to end, from the compressed text to the saved model.
time "$build/bin/conec-train" --input "$corpus" --tokenizer whitespace --epochs 10 --device cuda \
  --output out/gpu-check/end-to-end.conec --json
