#!/usr/bin/env bash
# Kernels compiled for a wider instruction set must define nothing that the linker could pick for the rest of the program
# (weak symbols: inline functions and templates with external linkage). usage: kernel_symbols_test.sh OBJECT...
set -euo pipefail
checked=0
for object in "$@"; do
  case "$object" in *_kernel_avx*) ;; *) continue ;; esac
  checked=$((checked + 1))
  if nm -C --defined-only "$object" | grep -E ' [VWuw] '; then
    echo "$object: the symbols above are shared with code for narrower processors" >&2
    exit 1
  fi
done
echo "$checked kernel objects share nothing"
[[ $checked -ge 4 ]]
