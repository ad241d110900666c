#!/usr/bin/env bash
# Fails, naming the lines, if a file holds an absolute path of somebody's machine: such a path works nowhere else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if grep -rnIE --exclude-dir=.git --exclude=.git --exclude-dir=build --exclude-dir=out \
  '(^|[^A-Za-z0-9._~$)}-])/(home|root|work|Users|mnt|workspace)/[A-Za-z0-9._-]' .; then
  echo "These lines name paths of one machine." >&2
  exit 1
fi
