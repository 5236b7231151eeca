#!/bin/sh
# Puts ONNX Runtime and HiGHS into a folder, taken from their PyPI wheels.
#
#     native-libraries.sh DIRECTORY
#
# Versions and checksums are in native-libraries.lock beside this script. Quick when all is in place:
# a stamp in DIRECTORY repeats the lock file's lines that were unpacked. Python is needed only to
# download and unpack; nothing is installed into it.
set -eu

say() { printf 'setup: %s\n' "$1"; }
fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: $0 DIRECTORY"
target=$1
lock=$(dirname "$0")/native-libraries.lock
machine=${LAMELLA_ARCHITECTURE:-$(uname -m)}

wanted=$(grep "^$machine " "$lock") ||
    fail "no native libraries are known for '$machine'; $lock lists x86_64 and aarch64"

complete() {
    [ -f "$target/stamp" ] && [ "$(cat "$target/stamp")" = "$wanted" ] || return 1
    printf '%s\n' "$wanted" | while read -r _ _ _ _ file; do
        [ -s "$target/$file" ] || exit 1
    done
}

if complete; then
    say "native libraries are in $target"
    exit 0
fi

command -v python3 >/dev/null || fail "python3 is needed to fetch the native libraries; run 'make setup'"
python3 -m pip --version >/dev/null 2>&1 ||
    fail "python3 has no pip; run 'make setup', or install the package python3-pip"

mkdir -p "$target"
scratch=$(mktemp -d "$target/fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

printf '%s\n' "$wanted" | while read -r _ requirement checksum member file; do
    say "fetching $requirement for $machine ($file)"
    rm -rf "$scratch/wheel"
    mkdir "$scratch/wheel"
    printf '%s --hash=sha256:%s\n' "$requirement" "$checksum" >"$scratch/requirement.txt"
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes \
        --only-binary=:all: --python-version 311 --implementation cp --abi cp311 \
        --platform "manylinux_2_28_$machine" --platform "manylinux_2_24_$machine" \
        --dest "$scratch/wheel" --requirement "$scratch/requirement.txt" </dev/null ||
        fail "$requirement could not be had with the checksum in $lock; is the package index reachable?"
    # Unpacked beside its place and renamed, so that an interrupted run leaves no half of a library.
    python3 - "$scratch/wheel" "$member" "$target/$file" <<'PYTHON' ||
import os, pathlib, shutil, sys, zipfile
folder, member, destination = sys.argv[1:]
wheel, = pathlib.Path(folder).glob("*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source:
    with open(destination + ".part", "wb") as copy:
        shutil.copyfileobj(source, copy)
os.chmod(destination + ".part", 0o755)
os.replace(destination + ".part", destination)
PYTHON
        fail "$member is not in the wheel of $requirement"
done
printf '%s\n' "$wanted" >"$target/stamp"
say "native libraries are in $target"
