#!/usr/bin/env bash
# Table 7.1 of the thesis (the ConEc paper's analogies) from a corpus and a question file: trains one model per seed and
# scores word2vec's vectors against ConEc's. All figures come from conec-analogy; this script only trains.
set -euo pipefail

# shellcheck source=tools/eval_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/eval_common.sh"

# The paper's settings; what the command line gives replaces them.
paper_settings=(--tokenizer whitespace --dim 200 --window 5 --negatives 13 --shared-negatives 1 --min-count 5
  --sample 0 --epochs 10)

usage() {
  cat <<END
usage: $program CORPUS QUESTIONS [options]

Trains a model of CORPUS (anything that conec-train reads) per seed with the settings of the paper:
${paper_settings[*]}.
Then prints how many of the QUESTIONS (questions-words.txt) each kind of vectors answers, by section: mean and standard
deviation over the seeds.

  --seeds 1,2,3       one model per seed
  --epochs 10         passes over the corpus
  --out FOLDER        keeps the models there (seed1.conec, ...), and uses those that are there already; without it they
                      are removed in the end
  --json              the result as JSON
  --vectors LIST      word2vec,conec by default
  --own-weight LIST   the weights of a word's own vector in its ConEc vector: 1 by default, the paper's "target
                      counted in" (add --context-sif 0 for contexts as in the paper)
  --unit-own-weight LIST
                      the same where the context, too, is of length 1: 1.5 by default, the best mix
  --output-weight LIST
                      weights of a word's centred output vector in its ConEc vector, each with each of the own weights:
                      0 by default
  --method LIST       3cosadd,3cosmul by default
  --published FILE    figures to show beside ours; by default those of the thesis; '' for none
  --protocol, --restrict-vocab, --case, --exact-case, --unknown, --center, --top
                      as in conec-analogy; the protocol is conec by default
Everything else goes to conec-train: --lr 0.05, --threads 8, --tokenizer icu, ... Spellings of word2vec.c and fastText
(-size, -ws, -iter, ...) are taken, too, and --option=value is the same as --option value.

The programs are taken from \$CONEC_BIN, if that is set, otherwise from build/release/bin or \$PATH.
exit codes: 0 ok, 1 failed, 2 wrong usage
example: $program text8 questions-words.txt --out models --threads 8
END
}

# Whether the paper, too, has a value for this option. Compares strings: a subscript could be evaluated.
is_setting() {
  local name
  for name in "${setting_names[@]}"; do
    [[ $name != "$1" ]] || return 0
  done
  return 1
}

# The model of one seed, unless it is there.
train() {
  local model=$1
  local what=(--input "$corpus" "${train_options[@]}" --seed "$2")
  if [[ -e $model ]]; then
    if [[ -e $model.options && $(<"$model.options") != "${what[*]@Q}" ]]; then
      fail "$model was trained with other options (see $model.options); remove it or choose another --out"
    fi
    echo "$program: $model is there" >&2
    return
  fi
  echo "$program: training $model" >&2
  "$conec_train" "${what[@]}" "${run_options[@]}" --output "$model" >&2 || exit $?
  printf '%s\n' "${what[*]@Q}" >"$model.options"
}

seeds=1,2,3
out=
vectors=word2vec,conec
own_weights=1
unit_own_weights=1.5
methods=3cosadd,3cosmul
protocol=conec
published=$root/tools/eval_analogy_published.tsv
setting_names=()
declare -A settings=()
for ((i = 0; i < ${#paper_settings[@]}; i += 2)); do
  setting_names+=("${paper_settings[i]}")
  settings[${paper_settings[i]}]=${paper_settings[i + 1]}
done
train_options=() # what makes the model what it is
run_options=()   # what does not
score_options=()

for argument in "$@"; do
  if [[ $argument == -h || $argument == --help ]]; then
    usage
    exit 0
  fi
done
[[ $# -ge 2 && $1 != -* && $2 != -* ]] || wrong_usage "expected CORPUS QUESTIONS first"
corpus=$1 questions=$2
shift 2

while [[ $# -gt 0 ]]; do
  option=$1
  shift
  case "$option" in
    --*=*) name=${option%%=*} ;;
    *) name=$option ;;
  esac
  # Other spellings of what this script looks at.
  case "$name" in
    -size | -dim) name=--dim ;;
    -window | -ws) name=--window ;;
    -negative | -neg) name=--negatives ;;
    -min-count | -minCount) name=--min-count ;;
    -sample | -t) name=--sample ;;
    -iter | -epoch) name=--epochs ;;
    -threads | -thread) name=--threads ;;
    -threshold) name=--restrict-vocab ;;
  esac
  # Names and values are compared and stored here, never evaluated.
  takes_value=
  case "$name" in
    --seeds | --out | --vectors | --own-weight | --unit-own-weight | --output-weight | --method | --protocol | \
      --published | --restrict-vocab | --case | --unknown | --top | --threads | --progress) takes_value=1 ;;
    *) ! is_setting "$name" || takes_value=1 ;;
  esac
  if [[ -n $takes_value && $option == --*=* ]]; then
    value=${option#*=}
  elif [[ -n $takes_value ]]; then
    [[ $# -gt 0 ]] || wrong_usage "$option needs a value"
    value=$1
    shift
  fi
  case "$name" in
    --seeds) seeds=$value ;;
    --out) out=$value ;;
    --vectors) vectors=$value ;;
    --own-weight) own_weights=$value ;;
    --unit-own-weight) unit_own_weights=$value ;;
    --method) methods=$value ;;
    --protocol) protocol=$value ;;
    --published) published=$value ;;
    --output-weight | --restrict-vocab | --case | --unknown | --top) score_options+=("$name" "$value") ;;
    --json | --center | --exact-case) score_options+=("$option") ;;
    --progress) run_options+=("$name" "$value") ;;
    --threads)
      run_options+=("$name" "$value")
      score_options+=("$name" "$value")
      ;;
    --seed | -seed | --input | -input | -train | --output | -output) wrong_usage "$name is chosen by this script" ;;
    *)
      if is_setting "$name"; then
        settings[$name]=$value
      else
        train_options+=("$option")
      fi
      ;;
  esac
done
check_seeds "$seeds"
[[ -e $questions ]] || fail "$questions: no such file"

for name in "${setting_names[@]}"; do
  train_options+=("$name" "${settings[$name]}")
done
score_options+=(--vectors "$vectors" --method "$methods" --protocol "$protocol")
if [[ ,$vectors, == *,conec,* ]]; then
  [[ -z $own_weights ]] || score_options+=(--own-weight "$own_weights")
  [[ -z $unit_own_weights ]] || score_options+=(--unit-own-weight "$unit_own_weights")
fi
[[ -z $published ]] || score_options+=(--published "$published")

conec_train=$(find_program conec-train)
conec_analogy=$(find_program conec-analogy)
if [[ -z $out ]]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"
models=()
for seed in ${seeds//,/ }; do
  train "$out/seed$seed.conec" "$seed"
  models+=(--model "$out/seed$seed.conec")
done
"$conec_analogy" "${models[@]}" --questions "$questions" "${score_options[@]}"
