#!/usr/bin/env bash
# Installs the Debian (12 or later) or Ubuntu packages that building needs; with --test also what only the tests and the
# checks need. Does nothing when all are there.
set -euo pipefail

usage() {
  echo "usage: $0 [--test] [--list]"
  echo "  --test  also what the tests, clang-format and clang-tidy need"
  echo "  --list  print the package names and install nothing"
}

packages=(build-essential cmake ninja-build pkg-config git ca-certificates python3
  libabsl-dev libfmt-dev libicu-dev libarchive-dev nlohmann-json3-dev libcli11-dev libxxhash-dev zlib1g-dev libopenblas-dev libtorch-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
test_packages=(gnuplot-nox clang-format clang-tidy libomp-dev curl python3-numpy python3-gensim fasttext gzip bzip2 xz-utils zstd zip unzip)

list_only=no
for argument in "$@"; do
  case "$argument" in
    --test) packages+=("${test_packages[@]}") ;;
    --list) list_only=yes ;;
    -h | --help) usage; exit 0 ;;
    *) echo "$0: unknown option '$argument'" >&2; usage >&2; exit 2 ;;
  esac
done
if [[ $list_only == yes ]]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "$0: this is neither Debian nor Ubuntu; install what these packages hold by other means:" >&2
  printf '  %s\n' "${packages[@]}" >&2
  exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo "All ${#packages[@]} packages are installed."
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "$0: needs root or sudo. Run as root:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
