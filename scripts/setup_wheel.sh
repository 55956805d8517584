#!/usr/bin/env bash
# Puts the wheel pinned in scripts/wheels/NAME.txt into build/deps/NAME, unless it is there: setup_wheel.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
root=build/deps/$name
stamp=$(cat scripts/setup_wheel.sh "scripts/wheels/$name.txt" | sha256sum)
[[ $(cat "$root/stamp" 2>/dev/null) != "$stamp" ]] || exit 0

echo "setup: $name, from its Python wheel"
scripts/unpack_wheel.sh "scripts/wheels/$name.txt" "$root"
find "$root" -path '*/bin/*' -type f -exec chmod +x {} + # zipfile leaves that out
echo "$stamp" >"$root/stamp"
