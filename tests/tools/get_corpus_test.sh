#!/usr/bin/env bash
# get_corpus_test.sh PATH/get-corpus.sh: what it says, what it leaves behind, and its exit codes. Nothing is fetched from
# outside: a folder plays the server. CONEC_DATA, if set, has the real questions-words.txt for the way to success.
set -euo pipefail

script=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=$work/mirror
mkdir "$mirror"
export CONEC_CORPUS_MIRROR=file://$mirror

# check EXIT_CODE TEXT ARGUMENTS...: the script ends with that code and its output has the text.
check() {
  local expected=$1 text=$2 code=0 output
  shift 2
  output=$("$script" "$@" 2>&1) || code=$?
  if [[ $code -ne $expected || $output != *"$text"* ]]; then
    echo "get-corpus.sh $*: exit code $code (expected $expected), output without '$text':" >&2
    echo "$output" >&2
    exit 1
  fi
}

# check_files FOLDER NAMES...: exactly these are in the folder.
check_files() {
  local folder=$1 found
  shift
  found=$(find "$folder" -mindepth 1 -printf '%f ')
  [[ ${found% } == "$*" ]] || { echo "$folder holds '$found', expected '$*'" >&2; exit 1; }
}

check 0 'exit codes: 0' --help
check 2 'which corpus'
check 2 "unknown corpus 'text9'" text9
check 2 "unknown option '--fast'" --fast text8
check 2 'got 3 arguments' text8 a b

out=$work/out
for name in text8 enwik9 1b-words questions-words; do
  check 1 "cannot download file://$mirror" $name "$out"
  check_files "$out"
done
CONEC_CORPUS_MIRROR=http://127.0.0.1:9 check 1 'cannot download http://127.0.0.1:9/text8.zip; is there a network?' text8 "$out"
check_files "$out"

# What is there but wrong does not stay.
echo 'not a zip file' >"$mirror/text8.zip"
check 1 'not a whole zip file' text8 "$out"
check_files "$out"
head -c 603955 /dev/zero >"$mirror/questions-words.txt"
check 1 'has the md5 checksum' questions-words "$out"
check_files "$out"
# Of the right size, without taking the space.
large=1-billion-word-language-modeling-benchmark-r13output.tar.gz
truncate -s 1792209805 "$work/large"
mkdir -p "$out"
ln -s "$work/large" "$out/$large"
check 1 'has the sha256 checksum' 1b-words "$out"
rm "$out/$large"
echo 'too short' >"$mirror/questions-words.txt"
check 1 'has 10 bytes, expected 603955' questions-words "$out"
check_files "$out"
if command -v zip >/dev/null; then
  echo 'wrong' >"$work/text8"
  rm "$mirror/text8.zip"
  (cd "$work" && zip -q "$mirror/text8.zip" text8)
  check 1 'has 6 bytes, expected 100000000' text8 "$out"
  check_files "$out"
fi

# What the user has under that name is never touched.
echo 'mine' >"$out/text8"
check 1 'remove it to download it again' text8 "$out"
[[ $(cat "$out/text8") == mine ]]
rm "$out/text8"
echo 'a file' >"$work/file"
check 1 'cannot make the folder' text8 "$work/file/below"

real=${CONEC_DATA:-}/questions-words.txt
if [[ -f $real ]]; then
  cp "$real" "$mirror/"
  check 0 "$out/questions-words.txt" questions-words "$out"
  cmp "$real" "$out/questions-words.txt"
  check 0 'is there' questions-words "$out"
  check_files "$out" questions-words.txt
  # Goes on with what an interrupted download left, and takes a whole one that was not yet renamed.
  for bytes in 1000 603955; do
    rm "$out/questions-words.txt"
    head -c "$bytes" "$real" >"$out/questions-words.txt.part"
    check 0 "$out/questions-words.txt" questions-words "$out"
    cmp "$real" "$out/questions-words.txt"
    check_files "$out" questions-words.txt
  done
fi
echo 'get-corpus.sh does what its help says'
