# shellcheck shell=bash
# What eval_analogy.sh, eval_ner.sh and bench_peers.sh share; not a program. It must lie beside them.

program=$(basename "$0")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "$program: $*" >&2
  exit 1
}

wrong_usage() {
  echo "$program: $*" >&2
  echo "Try '$program --help'." >&2
  exit 2
}

# Ends the script unless the list is of different numbers between commas: each is one run.
check_seeds() {
  local seed seen=, number='(0|[1-9][0-9]*)'
  [[ $1 =~ ^$number(,$number)*$ ]] || wrong_usage "--seeds takes numbers with commas between, got '$1'"
  for seed in ${1//,/ }; do
    [[ $seen != *,$seed,* ]] || wrong_usage "--seeds names $seed twice, which would be the same run twice"
    seen+=$seed,
  done
}

# Prints where a program is: in $CONEC_BIN, if that is set, otherwise in build/release/bin beside this folder or in $PATH.
find_program() {
  if [[ -n ${CONEC_BIN:-} ]]; then
    [[ -d $CONEC_BIN ]] || fail "CONEC_BIN is '$CONEC_BIN', which is no folder"
    [[ -f $CONEC_BIN/$1 && -x $CONEC_BIN/$1 ]] || fail "CONEC_BIN is '$CONEC_BIN', which holds no program $1"
    echo "$CONEC_BIN/$1"
  elif [[ -x $root/build/release/bin/$1 ]]; then
    echo "$root/build/release/bin/$1"
  else
    command -v "$1" || fail "$1 is not there: build it (cmake --preset release && cmake --build --preset release" \
      "--target programs) or set CONEC_BIN to the folder that holds it"
  fi
}
