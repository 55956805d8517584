#!/usr/bin/env bash
# Brings onto a Debian machine what yoloport is built from. Does nothing, fast, where all is there.
#
#   scripts/setup.sh [build] [test] [bench] [lint] [clang] [python] [deb]     (default: build)
#
# Distribution packages (scripts/packages.txt) go into the system; ONNX Runtime and OpenVINO go into
# build/deps of this checkout and nowhere else.
set -euo pipefail
cd "$(dirname "$0")/.."

groups=" build $* "
for group in $groups; do
  case $group in
    build | test | bench | lint | clang | python | deb) ;;
    *) echo "setup: unknown group '$group'; known: build test bench lint clang python deb" >&2; exit 2 ;;
  esac
done

mapfile -t wanted < <(awk -v groups="$groups" '
  !/^#/ && NF && index(groups, " " $1 " ") { print $2 }' scripts/packages.txt)

# A package counts as there when dpkg has it installed, for any architecture.
mapfile -t missing < <(
  { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
    awk -v wanted="${wanted[*]}" '
      $1 == "installed" { there[$2] }
      END { n = split(wanted, name, " "); for (i = 1; i <= n; ++i) if (!(name[i] in there)) print name[i] }')

if ((${#missing[@]})); then
  if ! command -v apt-get >/dev/null; then
    echo "setup: this machine has no apt-get. Install the counterparts of these Debian packages:" >&2
    echo "  ${missing[*]}" >&2
    exit 1
  fi
  as_root=()
  if [[ $(id -u) != 0 ]]; then
    if ! sudo -n true 2>/dev/null; then
      echo "setup: packages are missing, and installing them takes root. Run this, then try again:" >&2
      echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo -n)
  fi
  echo "setup: installing ${missing[*]}"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  if ! "${apt[@]}" update; then
    echo "setup: 'apt-get update' failed; are the network and /etc/apt/sources.list* in order?" >&2
    exit 1
  fi
  log=$(mktemp)
  if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "setup: 'apt-get install' failed, see above; try by hand: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  rm -f "$log"
fi

scripts/setup_onnxruntime.sh
scripts/setup_wheel.sh openvino # cmake/FindOpenVINO.cmake looks there
