#!/bin/bash
# Tests/run.sh COMMAND... runs a group of tests; where some fail it says at the end which and why, because the end is
# what people see of a long log.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ] && grep -q '✘' "$log"; then
    echo
    echo "What did not pass:"
    grep -A 8 -E '✘ Test .* (recorded an issue|failed)' "$log" | grep -E '✘|↳|//|Issue' | head -n 120
fi
exit "$status"
