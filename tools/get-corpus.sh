#!/usr/bin/env bash
# Downloads a public corpus or question file from its official place and checks that it is the right one.
set -euo pipefail

program=$(basename "$0")

usage() {
  cat <<END
usage: $program NAME [FOLDER]

Downloads NAME into FOLDER (default: the current folder) and checks it. What is already there is checked only; a
download that was interrupted goes on where it stopped (FOLDER/*.part). Needs curl or wget, and unzip for the zip files.

  text8            100 MB   English Wikipedia 2006, a-z and blanks only (100,000,000 bytes)
  enwik9           1 GB     English Wikipedia 2006, XML (1,000,000,000 bytes)
  1b-words         1.8 GB   One Billion Word Benchmark, packed: unpack it and train on the folder
                            training-monolingual.tokenized.shuffled; the rest is held out
  questions-words  604 kB   Google's analogy questions

CONEC_CORPUS_MIRROR: an address (http://, https://, file://) of a folder that has the files under their own names, to be
used instead of the official places. The checks are the same.

exit codes: 0 all is there, 1 failed, 2 wrong usage
example: $program text8 data && conec-train --input data/text8 --output text8.model
END
}

fail() {
  echo "$program: $*" >&2
  exit 1
}

wrong_usage() {
  echo "$program: $*" >&2
  echo "Try '$program --help'." >&2
  exit 2
}

# Sets, for a corpus: url; file, what it is called in the end; size in bytes and checksum (its kind and value) of that
# file; packing: zip if the download holds just that file.
describe() {
  packing=none
  case "$1" in
    text8)
      url=https://mattmahoney.net/dc/text8.zip
      file=text8 size=100000000 checksum='md5 3bea1919949baf155f99411df5fada7e' packing=zip
      ;;
    enwik9)
      url=https://mattmahoney.net/dc/enwik9.zip
      file=enwik9 size=1000000000 checksum='md5 e206c3450ac99950df65bf70ef61a12d' packing=zip
      ;;
    1b-words)
      url=https://www.statmt.org/lm-benchmark/1-billion-word-language-modeling-benchmark-r13output.tar.gz
      file=1-billion-word-language-modeling-benchmark-r13output.tar.gz size=1792209805
      checksum='sha256 01ba60381110baf7f189dfd2b8374de371e8c9a340835793f190bdae9e90a34e'
      ;;
    questions-words)
      url=https://raw.githubusercontent.com/tmikolov/word2vec/master/questions-words.txt
      file=questions-words.txt size=603955 checksum='md5 8b7461cbf7ecc0aec9b32eb626821105'
      ;;
    *) wrong_usage "unknown corpus '$1'; expected text8, enwik9, 1b-words or questions-words" ;;
  esac
}

# Says in $reason why the file $1 is not what describe() expects.
is_right() {
  local actual
  actual=$(wc -c <"$1")
  if [[ $actual -ne $size ]]; then
    reason="has $((actual)) bytes, expected $size"
    return 1
  fi
  local kind=${checksum% *} expected=${checksum#* }
  actual=$("${kind}sum" <"$1" | cut -d ' ' -f 1)
  if [[ $actual != "$expected" ]]; then
    reason="has the $kind checksum $actual, expected $expected"
    return 1
  fi
}

# Downloads $1 to $2, going on where an earlier attempt stopped.
download() {
  local status=0
  if command -v curl >/dev/null; then
    curl --fail --location --retry 3 --continue-at - --output "$2" "$1" || status=$?
    if [[ $status -eq 33 || $status -eq 36 ]]; then # the server cannot go on in the middle
      rm -f "$2"
      status=0
      curl --fail --location --retry 3 --output "$2" "$1" || status=$?
    fi
  elif command -v wget >/dev/null; then
    wget --tries=3 --continue --output-document="$2" "$1" || status=$?
  else
    fail "neither curl nor wget is here to download with"
  fi
  [[ $status -eq 0 ]] && return
  if [[ -s $2 ]]; then
    fail "cannot download $1; run the same command again to go on with $2"
  fi
  rm -f "$2"
  fail "cannot download $1; is there a network? CONEC_CORPUS_MIRROR names another place"
}

# Unpacks the zip file $1, the download of $2, to $3.
unpack() {
  command -v unzip >/dev/null || fail "unzip is not here to unpack $1 with"
  if ! unzip -tqq "$1" >/dev/null 2>&1; then
    rm -f "$1"
    fail "what came from $2 is not a whole zip file; it was removed"
  fi
  if ! unzip -p "$1" >"$3"; then
    rm -f "$3"
    fail "cannot unpack $1 to $3"
  fi
}

get() {
  local folder=$1 target part
  [[ -n ${CONEC_CORPUS_MIRROR:-} ]] && url=${CONEC_CORPUS_MIRROR%/}/${url##*/}
  target=$folder/$file
  part=$folder/${url##*/}.part
  if [[ -e $target ]]; then
    is_right "$target" || fail "$target is there but $reason; remove it to download it again"
    echo "$target is there" >&2
    return
  fi
  mkdir -p "$folder" || fail "cannot make the folder $folder"
  if [[ $packing == zip ]]; then
    if [[ ! -s $part ]] || ! unzip -tqq "$part" >/dev/null 2>&1; then download "$url" "$part"; fi
    unpack "$part" "$url" "$target.unpacked"
    rm -f "$part"
    part=$target.unpacked
  else
    if [[ ! -s $part ]] || ! is_right "$part"; then download "$url" "$part"; fi
  fi
  if ! is_right "$part"; then
    rm -f "$part"
    fail "what came from $url $reason; it was removed"
  fi
  mv "$part" "$target"
  echo "$target" >&2
}

for argument in "$@"; do
  case "$argument" in
    -h | --help)
      usage
      exit 0
      ;;
    -*) wrong_usage "unknown option '$argument'" ;;
  esac
done
[[ $# -ge 1 ]] || wrong_usage "which corpus? text8, enwik9, 1b-words or questions-words"
[[ $# -le 2 ]] || wrong_usage "expected NAME [FOLDER], got $# arguments"
describe "$1"
get "${2:-.}"
