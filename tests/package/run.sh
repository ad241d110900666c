#!/usr/bin/env bash
# run.sh CMAKE BUILD_FOLDER SCRATCH_FOLDER GENERATOR COMPILER FLAGS
set -euo pipefail
cmake=$1 build=$2 scratch=$3 generator=$4 compiler=$5 flags=$6
outside=$(cd "$(dirname "${BASH_SOURCE[0]}")/outside" && pwd)
prefix=$scratch/prefix

rm -rf "$scratch/work" "$prefix" "$scratch/build" "$scratch/source"
"$cmake" --install "$build" --prefix "$prefix" >/dev/null
# The source tree is not to be found by accident.
if grep -rIl --include='*.cmake' "$(cd "$outside/../../.." && pwd)" "$prefix/lib"; then
  echo "These installed files name the source tree."
  exit 1
fi
cp -rT "$outside" "$scratch/source"
# What the README shows must compile as well: its includes, then its statements.
code=$(awk '/^```cpp/ {inside = 1; next} /^```/ {inside = 0} inside' "$outside/../../../README.md")
{ grep '^#include' <<<"$code"; echo 'int main() {'; grep -v '^#include' <<<"$code"; echo '}'; } >"$scratch/source/readme.cc"
"$cmake" -S "$scratch/source" -B "$scratch/build" -G "$generator" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Debug
"$cmake" --build "$scratch/build"
mkdir -p "$scratch/work"
"$scratch/build/outside" "$scratch/work"
"$scratch/build/headers"
"$scratch/build/classify"
