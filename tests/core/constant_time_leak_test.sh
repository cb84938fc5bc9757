#!/bin/sh
# constant_time_test finds a leak that was planted in the code under test.
#   constant_time_leak_test.sh VALGRIND SUPPRESSIONS PROGRAM KIND...
# PROGRAM is constant_time_test with one of tests/wasm/leaky in it. It must fail, and valgrind must
# report each KIND, branch or address, in the function of the leak that is named after it.
set -eu
valgrind=$1 suppressions=$2 program=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "failed: $*" >&2
    cat "$folder/log" >&2
    exit 1
}

if "$valgrind" --quiet --suppressions="$suppressions" "$program" >"$folder/log" 2>&1; then
    fail "no leak was found"
fi
# What comes before are the leaks in the test itself, which are in every run.
sed '1,/end of the planted leaks/d' "$folder/log" >"$folder/reports"
for kind in "$@"; do
    case $kind in
    branch) report="Conditional jump or move depends on uninitialised" ;;
    address) report="Use of uninitialised value" ;;
    *) fail "branch or address, not $kind" ;;
    esac
    grep -A 1 "$report" "$folder/reports" | grep -q "leak_by_$kind" || fail "no $kind was reported"
    echo "ok the $kind is reported"
done
