#!/usr/bin/env bash
# check_gpu.sh [--sanitizer] [--bench] [--profile] [CORPUS QUESTIONS]: everything about training on a GPU that needs one.
#
# Builds with CUDA, runs the tests labelled gpu; with --sanitizer runs them under compute-sanitizer (memcheck, initcheck,
# synccheck and racecheck, minutes); with --bench the benchmarks; with --profile one launch of each kernel under Nsight
# Compute (ncu; most systems let only root read the counters). With a text and analogy questions trains on the CPU and on
# the GPU with 5 epochs and 10, with different numbers of warps, and on ten times the text, and scores the vectors; the
# profiles are then of that text. Stops at the first failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sanitizer=false bench=false profile=false
while [[ ${1:-} == --* ]]; do
  case "$1" in
    --sanitizer) sanitizer=true ;;
    --bench) bench=true ;;
    --profile) profile=true ;;
    *)
      echo "usage: $0 [--sanitizer] [--bench] [--profile] [CORPUS QUESTIONS]" >&2
      exit 2
      ;;
  esac
  shift
done
corpus=${1:-} questions=${2:-}

fail() {
  echo "$0: $*" >&2
  exit 1
}
for file in "$corpus" "$questions"; do
  [[ -z $file || -r $file ]] || fail "cannot read '$file'"
done
[[ -z $corpus || -n $questions ]] || fail "analogy questions are missing: $0 CORPUS QUESTIONS"
[[ -n $corpus ]] || ! $profile || fail "--profile needs a CORPUS: the sample is too small to say anything"
command -v nvcc >/dev/null || fail "nvcc is missing: install the CUDA toolkit (12.8 or later; 13.0 was tried)"
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv || fail "nvidia-smi finds no GPU that works"
elif [[ ! -e /dev/nvidiactl && ! -e /dev/dxg ]]; then
  fail "there is no NVIDIA GPU, or no driver for it (a container needs to be given the GPU)"
fi
for tool in compute-sanitizer:$sanitizer ncu:$profile; do
  [[ $tool == *:false ]] || command -v "${tool%:*}" >/dev/null || fail "${tool%:*} is missing: it comes with the CUDA toolkit"
done
cmake --preset cuda
cmake --build --preset cuda --parallel "$(nproc)" --target conec-train conec-analogy conec-sample-corpus base_device_test \
  word2vec_cbow_warp_test word2vec_cuda_trainer_test conec_context_warp_test conec_context_cuda_test tools_gpu_test cuda_bench
build=build/cuda

# A test that skips has not checked anything: with a GPU that cannot be used this stops at conec-train.
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

# One launch of each kernel, behind those of the checks that come before.
profile() { # INPUT
  ncu --set full --clock-control none --kernel-name regex:TrainKernel --launch-skip 4 --launch-count 1 \
    --export out/gpu-check/train-kernel --force-overwrite \
    "$build/bin/conec-train" --input "$1" --epochs 1 --device cuda --output out/gpu-check/profiled.conec
  ncu --set full --clock-control none --kernel-name regex:SumKernel --launch-skip 4 --launch-count 1 \
    --export out/gpu-check/sum-kernel --force-overwrite \
    "$build/bin/conec-train" --input "$1" --epochs 1 --device cuda --output out/gpu-check/profiled.conec
  for kernel in train-kernel sum-kernel; do ncu --import "out/gpu-check/$kernel.ncu-rep" --page details; done
}
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
# Ten times the text, so that what is there once a run hardly counts. Speeds are in the summaries.
ten=()
for _ in {1..10}; do ten+=("$corpus"); done
"$build/bin/conec-train" --input "${ten[@]}" --tokenizer whitespace --min-count 50 --epochs 1 --device cuda \
  --output out/gpu-check/ten.conec
if $profile; then profile "$encoded"; fi
# End to end, from the compressed text to the saved model.
time "$build/bin/conec-train" --input "$corpus" --tokenizer whitespace --epochs 10 --device cuda \
  --output out/gpu-check/end-to-end.conec --json
