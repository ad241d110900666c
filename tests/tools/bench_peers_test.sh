#!/usr/bin/env bash
# bench_peers_test.sh PATH/bench_peers.sh FOLDER_OF_PROGRAMS: its table and JSON, notes, errors and exit codes. Runs
# conec-train, whatever peers are installed, and a program that plays word2vec.c.
set -euo pipefail

script=$1
export CONEC_BIN=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "bench_peers_test.sh: $*" >&2
  exit 1
}

# check EXIT_CODE TEXT ARGUMENTS...: the script ends with that code and its output has the text.
check() {
  local expected=$1 text=$2 code=0
  shift 2
  output=$("$script" "$@" 2>&1) || code=$?
  [[ $code -eq $expected && $output == *"$text"* ]] ||
    fail "bench_peers.sh $*: exit code $code (expected $expected), output without '$text': $output"
}

"$CONEC_BIN/conec-sample-corpus" --output "$work/sample" --words 20000 2>/dev/null
corpus=$work/sample/text.txt
questions=$work/sample/questions.txt
small=(--dim 8 --negatives 2 --threads 1 --epochs 1)

check 0 'exit codes: 0' --help
check 2 'CORPUS and QUESTIONS are needed' "$corpus"
check 2 "unknown option '--fast'" "$corpus" "$questions" --fast
check 2 "'glove' is none of" "$corpus" "$questions" --tools conec,glove
check 2 '--epochs takes numbers' "$corpus" "$questions" --epochs 1,x
check 2 '--lr takes TOOL=RATE' "$corpus" "$questions" --lr 0.05
check 2 '--threads takes a number from 1 on' "$corpus" "$questions" --threads 0
check 1 "cannot read '$work/missing'" "$work/missing" "$questions"
check 1 "there is no program '$work/missing'" "$corpus" "$questions" --word2vec "$work/missing"
check 1 'koan: its program is not named' "$corpus" "$questions" --tools koan

# A peer that is run with the settings of all, at a known speed, and with known vectors.
cat >"$work/word2vec" <<'END'
#!/usr/bin/env bash
set -eu
[[ " $* " == *" -cbow 1 -hs 0 "* && " $* " == *" -size 8 -window 5 -negative 2 "* && " $* " == *" -alpha 0.07"* ]]
while [[ $1 != -train ]]; do shift; done
[[ $(wc -w <"$2") -ge 20000 && $(awk 'NF > 1000' "$2") == '' ]]
printf '2 3\nking 1 0 0\nqueen 0 1 0\n' >"$4"
printf 'Alpha: 0.05  Words/thread/sec: 9.00k\rAlpha: 0.01  Words/thread/sec: 12.50k'
END
chmod +x "$work/word2vec"

"$script" "$corpus" "$questions" "${small[@]}" --word2vec "$work/word2vec" --lr word2vec=0.07 --repetitions 2 --json \
  --work "$work/kept" >"$work/result.json" 2>"$work/log"
python3 - "$work/result.json" <<'END' || fail "not what was expected: $(cat "$work/result.json")"
import json, sys
result = json.load(open(sys.argv[1]))
rows = {row["tool"]: row for row in result["tools"]}
assert result["settings"]["dim"] == 8 and result["settings"]["words"] >= 20000
assert rows["word2vec"]["words_per_second"] == 12500 and rows["word2vec"]["accuracy"] == 0
for row in rows.values():
    assert row["repetitions"] == 2 and row["words_per_second"] > 0 and row["wall_seconds"] > 0
    assert 0 < row["cpu_seconds"] and row["peak_rss_kb"] > 1000
    assert (row["speed_to_gensim"] is None) == ("gensim" not in rows)
END
for tool in gensim fasttext koan; do
  grep -q "note: $tool is left out" "$work/log" || grep -q "bench_peers.sh: $tool, epochs: 1, round 2 of 2" "$work/log" ||
    fail "neither a run nor a note of $tool: $(cat "$work/log")"
done
[[ $(wc -l <"$work/kept/runs.jsonl") -ge 4 ]] || fail "the runs were not kept"

# Rounds in a slow minute do not count: medians of speeds and of the ratios within a round, means of accuracies.
for round in '100 50 30' '80 40 31' '10 1 35'; do
  read -r ours peer accuracy <<<"$round"
  printf '{"wall_seconds": %s, "cpu_seconds": 1, "peak_rss_kb": 1, "tool": "%s", "epochs": 1, "words_per_second": %s, "accuracy": %s}\n' \
    1 conec "$ours" "$accuracy" 3 gensim "$peer" 30
done >"$work/runs"
python3 "$(dirname "$script")/bench_peers/summary.py" table "$work/runs" --json >"$work/result.json"
python3 - "$work/result.json" <<'END' || fail "not what was expected: $(cat "$work/result.json")"
import json, sys
conec, gensim = json.load(open(sys.argv[1]))["tools"]
assert (conec["words_per_second"], conec["speed_to_gensim"], conec["wall_to_gensim"], conec["accuracy"]) == (80, 2, 3, 32)
assert (gensim["words_per_second"], gensim["speed_to_gensim"], gensim["repetitions"]) == (40, 1, 3)
END

# Compressed text is the same text; the table has a line per tool.
gzip -c "$corpus" >"$work/text.gz"
check 0 $'\nconec ' "$work/text.gz" "$questions" "${small[@]}" --tools conec --run-with env
[[ $output == *'words 2'*'tool '*'words/s'* ]] || fail "no table: $output"

# A peer that fails is told with its last words.
printf '#!/bin/sh\necho out of luck; exit 3\n' >"$work/word2vec"
check 1 'out of luck' "$corpus" "$questions" "${small[@]}" --tools word2vec --word2vec "$work/word2vec"
