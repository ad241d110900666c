#!/usr/bin/env bash
# Feeds the readers of files from elsewhere and of command lines, but those that need LibTorch, with inputs that libFuzzer
# makes up, under AddressSanitizer and UBSan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: $0 [--seconds N] [--list] [TARGET...]"
  echo "  --seconds N  for each target (3600)"
  echo "  --list       print the names of the targets, and stop"
  echo "Without a TARGET: all of them, one after the other. Needs clang. What was found lies in build/fuzz/corpus/TARGET,"
  echo "where the next run goes on; an input that crashes in build/fuzz/crashes."
}

seconds=3600 list=no targets=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --list) list=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "$0: unknown option '$1'" >&2; usage >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz >&2
program=build/fuzz/tests/fuzz/fuzz_readers
if [[ $list == yes ]]; then
  exec "$program" --list
fi
if [[ ${#targets[@]} -eq 0 ]]; then
  mapfile -t targets < <("$program" --list)
fi

mkdir -p build/fuzz/crashes
# Memory that cannot be had is an answer, too.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
failed=()
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  "$program" "--target=$target" "--seeds=$corpus"
  log=build/fuzz/$target.log
  if "$program" "--target=$target" "$corpus" "-max_total_time=$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
    "-artifact_prefix=build/fuzz/crashes/$target-" -print_final_stats=1 >"$log" 2>&1; then
    result=ok
  else
    result="FAILED, see $log" failed+=("$target")
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "$target: ${runs:-?} inputs in $seconds s: $result"
done
[[ ${#failed[@]} -eq 0 ]]
