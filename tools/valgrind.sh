#!/usr/bin/env bash
# Runs every program on a small case, and the unit tests of some folders, under valgrind's memcheck: reads of what was never
# written, which AddressSanitizer does not see, also inside LibTorch and OpenBLAS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: $0 [BUILD_FOLDER [FOLDER...]]"
  echo "  BUILD_FOLDER  where the programs and tests are, built without sanitizers (build/dev)"
  echo "  FOLDER        whose tests to run (base corpora conec; '' for the programs only)"
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  -*) echo "$0: unknown option '$1'" >&2; usage >&2; exit 2 ;;
esac
build=${1:-build/dev}
folders=("${@:2}")
[[ ${#folders[@]} -gt 0 ]] || folders=(base corpora conec)
command -v valgrind >/dev/null || { echo "$0: valgrind is not installed" >&2; exit 1; }
[[ -x $build/bin/conec-train ]] || { echo "$0: $build/bin has no programs" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=()

# check NAME COMMAND...: fails for what valgrind finds (exit code 9), and if the command itself fails.
check() {
  local name=$1 code=0 start=$SECONDS
  shift
  valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --suppressions=tools/valgrind.supp "$@" >"$work/log" 2>&1 </dev/null || code=$?
  echo "$name: $((SECONDS - start)) s: $([[ $code -eq 0 ]] && echo ok || echo "FAILED, exit code $code")"
  if [[ $code -ne 0 ]]; then
    failed+=("$name")
    tail -n 100 "$work/log"
  fi
}

program() { check "${*//$work\//}" "$build/bin/$1" "${@:2}"; }

"$build/bin/conec-sample-corpus" --words 1000 --output "$work/sample" 2>"$work/log"
text=$work/sample/text.txt questions=$work/questions model=$work/model
# Words are tagged by their first letter, which is learnt quickly.
awk '{ for (i = 1; i <= NF && n < 400; ++i) { print $i, "NN", ($i ~ /^[A-M]/ ? "I-PER" : "O"); if (++n % 12 == 0) print "" } }' \
  "$text" >"$work/conll"
head -n 40 "$work/sample/questions.txt" >"$questions"
printf 'the of 3\nthe a 9\nof a 4\n' >"$work/pairs"
awk 'BEGIN { srand(1); for (i = 0; i < 40; ++i) { s = rand(); for (j = 1; j < 6; ++j) s = s "," rand(); print s } }' >"$work/x.csv"

program conec-train --input "$text" --output "$model" --dim 16 --epochs 2 --min-count 1 --threads 2 --progress none
program conec-train --input "$text" --output "$work/extended" --deterministic --extended-inputs direction,shape --dim 16 --epochs 1 \
  --min-count 1 --threads 2 --progress none
program conec-embed --model "$model" --input "$text" --output "$work/vectors" --threads 2
program conec-nn --model "$model" --verify the of
program conec-analogy --model "$model" --questions "$questions"
program conec-similarity --model "$model" "$work/pairs"
for format in word2vec-text word2vec-bin fasttext glove npy projector model; do
  program conec-convert --model "$model" --to $format --output "$work/converted-$format"
done
program conec-convert --model "$work/converted-word2vec-bin" --to model --output "$work/back"
program conec-ner train --model "$model" --train "$work/conll" --output "$work/tagger" --threads 2 --progress none
program conec-ner tag --model "$model" --tagger "$work/tagger" "$work/conll"
program simec fit --input "$work/x.csv" --similarity rbf --dim 2 --hidden 5 --epochs 3 --output "$work/simec" --threads 1 \
  --progress none
program simec embed --model "$work/simec" --input "$work/x.csv" --output "$work/y.csv"

for folder in "${folders[@]}"; do
  for test in "$build"/tests/"$folder"/*_test; do
    [[ -z $folder || ! -x $test ]] || check "${test##*/}" "$test"
  done
done
[[ ${#failed[@]} -eq 0 ]]
