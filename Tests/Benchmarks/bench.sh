#!/bin/sh
# What `make bench` runs: ratios by `lamella bench`, then what only an outsider can measure.
#
#     bench.sh PATH_OF_LAMELLA
set -eu
here=$(dirname "$0")
lamella=$1

"$lamella" bench

echo
printf 'binary, stripped: %s MB\n' "$(stat -c %s "$lamella" | awk '{printf "%.1f", $1 / 1e6}')"
# ICU keeps its tables under this name; they alone would be 30 MB.
if grep -q icudt "$lamella"; then
    echo "ICU in the binary: yes, and it should not be" >&2
    exit 1
fi
echo "ICU in the binary: none"
python3 "$here/idle_memory.py" "$lamella"
