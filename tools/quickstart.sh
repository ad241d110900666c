#!/usr/bin/env bash
# From nothing to vectors for words never seen in training: installs the packages, builds the programs, generates a sample
# corpus whose meaning is known, trains on it, and looks at words that the training text does not hold or holds in two
# senses. Needs a few minutes and no data; results in out/quickstart/.
set -euo pipefail
case "${1:-}" in
  "") ;;
  -h | --help) echo "usage: $0 (no options): installs packages, builds, trains on generated text, shows vectors"; exit 0 ;;
  *) echo "usage: $0 (nothing else)" >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

heading() { printf '\n== %s\n' "$*"; }
# Prints a command before running it, so that it can be repeated.
run() {
  printf '$ %s\n' "$*"
  "$@"
}

heading "Packages"
./tools/install-deps.sh

heading "Programs (build/release/bin)"
cmake --preset release >/dev/null
cmake --build --preset release --target programs --parallel "$(nproc)"
PATH=$PWD/build/release/bin:$PATH

out=out/quickstart
mkdir -p "$out"
heading "A sample corpus: 1.5 million words of generated text; its held-out documents are not trained on"
run conec-sample-corpus --output "$out/sample"

heading "Training"
run conec-train --input "$out/sample/text.txt" --input-format paragraph --output "$out/model" --dim 100

# The ground truth names a word that only one held-out document has, and a word that two documents use differently.
read -r new new_category new_file word first first_file second second_file < <(
  python3 - "$out/sample/ground_truth.json" <<'PYTHON'
import json, sys
truth = json.load(open(sys.argv[1], encoding="utf-8"))
new = truth["invented"][0]
ambiguous = truth["ambiguous"][0]
senses = [part for sense in ambiguous["senses"] for part in (sense["category"], sense["file"])]
print(new["word"], new["category"], new["file"], ambiguous["word"], *senses)
PYTHON
)

heading "Vectors for all words of the document that speaks of a '$new'"
run conec-embed --model "$out/model" --input "$out/sample/$new_file" --output "$out/$new.tsv" --format tsv

heading "'$new' is not in the training text: its vector comes from this document (the truth: one of the $new_category)"
run conec-nn --model "$out/model" -k 6 --document "$out/sample/$new_file" "$new"

heading "'$word' is in the training text in two senses: one vector for both"
run conec-nn --model "$out/model" -k 6 "$word"
heading "'$word' in a document about $first, and in one about $second: a vector for each"
run conec-nn --model "$out/model" -k 6 --document "$out/sample/$first_file" --global-weight 0 "$word"
run conec-nn --model "$out/model" -k 6 --document "$out/sample/$second_file" --global-weight 0 "$word"

heading "Done: $out holds the corpus, the model and the vectors. All commands above can be repeated by hand after"
echo "PATH=$PWD/build/release/bin:\$PATH"
