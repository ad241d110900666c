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

# Prints where a program is: in $CONEC_BIN, in build/release/bin beside this folder, or in $PATH, in this order.
find_program() {
  local folder
  for folder in "${CONEC_BIN:-}" "$root/build/release/bin"; do
    if [[ -n $folder && -x $folder/$1 ]]; then
      echo "$folder/$1"
      return
    fi
  done
  command -v "$1" || fail "$1 is not there: build it (cmake --preset release && cmake --build --preset release" \
    "--target programs) or set CONEC_BIN to the folder that holds it"
}
