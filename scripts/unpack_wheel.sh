#!/usr/bin/env bash
# Downloads the wheel pinned in a requirements file, checks its hash and unpacks it into a folder.
#
#   scripts/unpack_wheel.sh scripts/wheels/NAME.txt FOLDER
#
# What is wanted of these wheels are the C++ libraries and programs inside, the same for every Python
# version; so the version is fixed and independent of the machine's. Downloads are kept in build/deps/wheels.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=$1
folder=$2
name=$(basename "$requirements" .txt)
machine=$(uname -m)

for python in python3 /usr/bin/python3; do
  "$python" -m pip --version >/dev/null 2>&1 && break || python=
done
if [[ -z $python ]]; then
  echo "setup: python3 has no pip; install python3-pip." >&2
  exit 1
fi
download() {
  "$python" -m pip download --quiet --dest build/deps/wheels --no-deps --only-binary=:all: \
    --python-version 3.11 --implementation cp --abi cp311 \
    --platform "manylinux2014_$machine" --platform "manylinux_2_28_$machine" --platform "manylinux_2_35_$machine" \
    --require-hashes -r "$requirements" "$@" </dev/null
}
# What a connection that broke off leaves has another hash: once more, and not from pip's cache.
if ! download && { echo "setup: trying again" >&2; ! download --no-cache-dir; }; then
  echo "setup: pip could not download the wheel $name for $machine, see above; run the command again, or look at the" \
    "network, if the hashes differ each time." >&2
  exit 1
fi
version=$(sed -n "s/^$name==\([^ ]*\).*/\1/p" "$requirements")
wheel=$(echo build/deps/wheels/"${name//-/_}-$version"-*.whl)
rm -rf "$folder"
mkdir -p "$folder"
if ! "$python" -m zipfile -e "$wheel" "$folder"; then
  echo "setup: cannot unpack $wheel; delete it and try again." >&2
  exit 1
fi
