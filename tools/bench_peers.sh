#!/usr/bin/env bash
# conec-train against other word2vec programs: speed, memory and quality with the same settings, from interleaved runs.
set -euo pipefail

# shellcheck source=tools/eval_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/eval_common.sh"

usage() {
  cat <<END
usage: $program CORPUS QUESTIONS [OPTION...]

Trains CBOW vectors of CORPUS (text with blanks between words, as it is or as .zst, .gz, .xz, .bz2) with each tool in turn,
and the whole round again for each repetition. Prints, for each tool: words of the corpus trained per second, wall time,
processor time and peak memory of the whole process (vocabulary, training, saving), how many of the QUESTIONS
(questions-words.txt) conec-analogy answers with the saved vectors, and the ratios of speed and wall time to gensim's.
Medians over the rounds (of ratios, of those within a round), means of the accuracies: machines have slow minutes.

  --tools LIST          conec (conec-train's defaults), conec-exact (--shared-negatives 1: every word its own noise words),
                        gensim, fasttext, word2vec, koan; by default all that are there
  --word2vec PROGRAM    word2vec.c's program; --koan PROGRAM: koan's. fasttext and gensim are Debian packages (fasttext,
                        python3-gensim)
  --epochs LIST         passes over the corpus: 5 by default; several (1,2,3,5) show accuracy against time, and when each
                        tool reaches gensim's accuracy after the most
  --repetitions N       rounds: 1 by default
  --dim 200 --window 5 --negatives 13 --min-count 5 --sample 0
                        the settings of all tools
  --threads N           of all tools; by default all cores
  --lr TOOL=RATE        another learning rate than the tool's usual one for CBOW: fasttext, word2vec and gensim 0.05 (0.025,
                        gensim's default, is skip-gram's), koan 0.075, conec-train its default; may be repeated
  --conec OPTIONS       more options for conec-train in its default mode: '--shared-negatives 16 --lr 0.05'
  --run-with COMMAND    runs every training under this: 'nice -n -5', 'numactl -N 0', 'flock /tmp/lock'
  --work FOLDER         keeps corpus, vectors and figures there; without it they are removed in the end
  --json                the result as JSON
  --help

A tool that is not there is left out with a note, unless --tools names it. conec-train and conec-analogy are taken from
\$CONEC_BIN, if that is set, otherwise from build/release/bin or \$PATH; gensim from the first of \$CONEC_PYTHON, python3, /usr/bin/python3
that has it. exit codes: 0 ok, 1 failed, 2 wrong usage
example: $program wiki.zst questions-words.txt --threads 2 --repetitions 3 --epochs 1
END
}

note() {
  echo "$program: note: $*" >&2
}

corpus='' questions='' tools='' word2vec='' koan='' epochs=5 repetitions=1 threads='' conec='' run_with='' work='' json=''
declare -A settings=([dim]=200 [window]=5 [negatives]=13 [min-count]=5 [sample]=0)
declare -A rates=([gensim]=0.05 [fasttext]=0.05 [word2vec]=0.05 [koan]=0.075 [conec]='' [conec-exact]='')
known_tools='conec conec-exact gensim fasttext word2vec koan'

set_rate() {
  [[ $1 == *=* && -v rates[${1%%=*}] ]] || wrong_usage "--lr takes TOOL=RATE (tools: ${known_tools// /, }), got '$1'"
  check_number --lr "${1#*=}"
  rates[${1%%=*}]=${1#*=}
}

check_number() {
  [[ $2 =~ ^[0-9]*\.?[0-9]+(e-?[0-9]+)?$ ]] || wrong_usage "$1 takes a number, got '$2'"
}

check_count() {
  [[ $2 =~ ^[1-9][0-9]*$ ]] || wrong_usage "$1 takes a number from 1 on, got '$2'"
}

while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help)
      usage
      exit 0
      ;;
    --json) json=1 ;;
    --tools | --word2vec | --koan | --epochs | --repetitions | --threads | --lr | --conec | --run-with | --work | --dim | \
      --window | --negatives | --min-count | --sample)
      [[ $# -ge 2 ]] || wrong_usage "$1 needs a value"
      case "$1" in
        --tools) tools=$2 ;;
        --word2vec) word2vec=$2 ;;
        --koan) koan=$2 ;;
        --epochs) epochs=$2 ;;
        --repetitions) repetitions=$2 ;;
        --threads) threads=$2 ;;
        --lr) set_rate "$2" ;;
        --conec) conec=$2 ;;
        --run-with) run_with=$2 ;;
        --work) work=$2 ;;
        *) settings[${1#--}]=$2 ;;
      esac
      shift
      ;;
    -*) wrong_usage "unknown option '$1'" ;;
    *)
      [[ -z $questions ]] || wrong_usage "one corpus and one file of questions, please; got '$1', too"
      if [[ -z $corpus ]]; then corpus=$1; else questions=$1; fi
      ;;
  esac
  shift
done
[[ -n $questions ]] || wrong_usage "CORPUS and QUESTIONS are needed"
[[ $epochs =~ ^[1-9][0-9]*(,[1-9][0-9]*)*$ ]] || wrong_usage "--epochs takes numbers with commas between, got '$epochs'"
check_count --repetitions "$repetitions"
: "${threads:=$(nproc)}"
check_count --threads "$threads"
for name in dim window negatives min-count; do check_count "--$name" "${settings[$name]}"; done
check_number --sample "${settings[sample]}"
for tool in ${tools//,/ }; do
  [[ " $known_tools " == *" $tool "* ]] || wrong_usage "--tools: '$tool' is none of ${known_tools// /, }"
done
for file in "$corpus" "$questions"; do [[ -r $file ]] || fail "cannot read '$file'"; done

command -v python3 >/dev/null || [[ -n ${CONEC_PYTHON:-} ]] || fail "python3 is not there: it measures the runs"
python=${CONEC_PYTHON:-python3}
conec_train=$(find_program conec-train)
conec_analogy=$(find_program conec-analogy)
parts=$root/tools/bench_peers

# Sets `reason` to why a tool cannot be run, or to nothing if it can; for gensim also gensim_python.
reason='' gensim_python=''
find_tool() {
  local candidate
  reason=
  case "$1" in
    conec) ;;
    conec-exact)
      # Not grep -q, which stops reading: conec-train would end by SIGPIPE, and the pipe with it.
      "$conec_train" --help | grep -e --shared-negatives >/dev/null || reason='this conec-train has no --shared-negatives'
      ;;
    gensim)
      for candidate in "$python" python3 /usr/bin/python3; do
        "$candidate" -c 'import gensim' 2>/dev/null || continue
        gensim_python=$candidate
        return
      done
      reason='no Python here has gensim (Debian package python3-gensim)'
      ;;
    fasttext) command -v fasttext >/dev/null || reason='there is no program fasttext (Debian package fasttext)' ;;
    word2vec | koan)
      if [[ -z ${!1} ]]; then
        reason="its program is not named (--$1 PROGRAM)"
      elif ! command -v "${!1}" >/dev/null; then
        fail "$1: there is no program '${!1}'"
      fi
      ;;
  esac
}

chosen=()
wanted=${tools//,/ }
for tool in ${wanted:-$known_tools}; do
  find_tool "$tool"
  if [[ -z $reason ]]; then
    chosen+=("$tool")
  elif [[ -n $tools ]]; then
    fail "$tool: $reason"
  else
    note "$tool is left out: $reason"
  fi
done

if [[ -z $work ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"

# The same text for all tools. gensim cuts lines at 10,000 words without a word about it, conec-train at 1,000.
unpack() {
  case "$1" in
    *.zst) zstd -dcq -- "$1" ;;
    *.gz) gzip -dc -- "$1" ;;
    *.xz) xz -dc -- "$1" ;;
    *.bz2) bzip2 -dc -- "$1" ;;
    *) cat -- "$1" ;;
  esac
}
text=$work/corpus.txt
if [[ ! -s $text ]]; then
  unpack "$corpus" | awk 'BEGIN { RS = "[ \t\r\n]+" } NF { printf "%s%s", $0, ++words % 1000 ? " " : "\n" }
    END { if (words % 1000) print "" }' >"$text.part" || fail "cannot unpack '$corpus'"
  mv "$text.part" "$text"
fi
words=$(wc -w <"$text")
lines=$(wc -l <"$text")
[[ $words -gt 0 ]] || fail "'$corpus' holds no words"

# Both leave everything in if the threshold is 1, and would leave everything out if it were 0.
threshold=${settings[sample]}
[[ ! $threshold =~ ^[0.]*$ ]] || threshold=1

# make_command TOOL EPOCHS OUTPUT: sets `command`, which trains, and `vectors`, the file that it writes.
command=()
vectors=
make_command() {
  local tool=$1 passes=$2 out=$3 rate=${rates[$1]}
  vectors=$out
  case "$tool" in
    conec | conec-exact)
      command=("$conec_train" --input "$text" --tokenizer whitespace --dim "${settings[dim]}" --window "${settings[window]}"
        --negatives "${settings[negatives]}" --min-count "${settings[min-count]}" --sample "${settings[sample]}"
        --epochs "$passes" --threads "$threads" --device cpu --progress none --json --output "$out")
      [[ -z $rate ]] || command+=(--lr "$rate")
      # shellcheck disable=SC2206 # --conec has several words
      if [[ $tool == conec ]]; then command+=($conec); else command+=(--shared-negatives 1); fi
      ;;
    gensim)
      command=("$gensim_python" "$parts/train_gensim.py" "$text" "$out" "${settings[dim]}" "${settings[window]}"
        "${settings[negatives]}" "${settings[min-count]}" "${settings[sample]}" "$passes" "$threads" "$rate")
      ;;
    fasttext)
      command=(fasttext cbow -input "$text" -output "$out" -dim "${settings[dim]}" -ws "${settings[window]}"
        -neg "${settings[negatives]}" -minCount "${settings[min-count]}" -t "$threshold" -epoch "$passes"
        -thread "$threads" -lr "$rate" -minn 0 -maxn 0)
      vectors=$out.vec
      ;;
    word2vec)
      command=("$word2vec" -train "$text" -output "$out" -cbow 1 -hs 0 -binary 1 -size "${settings[dim]}"
        -window "${settings[window]}" -negative "${settings[negatives]}" -min-count "${settings[min-count]}"
        -sample "${settings[sample]}" -iter "$passes" -threads "$threads" -alpha "$rate")
      ;;
    koan)
      command=("$koan" --file "$text" --embedding-path "$out" --cbow true --no-progress --dim "${settings[dim]}"
        --context-size "${settings[window]}" --negatives "${settings[negatives]}" --min-count "${settings[min-count]}"
        --downsample-threshold "$threshold" --epochs "$passes" --threads "$threads" --learning-rate "$rate")
      ;;
  esac
}

runs=$work/runs.jsonl
: >"$runs"
for ((repetition = 1; repetition <= repetitions; ++repetition)); do
  for passes in ${epochs//,/ }; do
    for tool in "${chosen[@]}"; do
      out=$work/$tool-$passes
      make_command "$tool" "$passes" "$out"
      echo "$program: $tool, epochs: $passes, round $repetition of $repetitions" >&2
      # shellcheck disable=SC2086 # --run-with is a command with its arguments
      $run_with "$python" "$parts/measure.py" "$out.log" "$out.usage" "${command[@]}" ||
        fail "$tool failed: ${command[*]}"$'\n'"$(tail -n 5 "$out.log")"
      "$conec_analogy" --model "$vectors" --questions "$questions" --threads "$threads" --json >"$out.analogy" ||
        fail "the vectors of $tool cannot be scored"
      "$python" "$parts/summary.py" run "$tool" "$passes" "$words" "$lines" "$threads" "$out" >>"$runs"
    done
  done
done
"$python" "$parts/summary.py" table "$runs" ${json:+--json} "words=$words" "threads=$threads" \
  "dim=${settings[dim]}" "window=${settings[window]}" "negatives=${settings[negatives]}" \
  "min_count=${settings[min-count]}" "sample=${settings[sample]}"
