#!/usr/bin/env bash
# Makes a clean, minimal Debian root in a folder that must not exist yet: debian_root.sh SUITE FOLDER
#
# Needs root and debootstrap. Packages come from where this machine has its own from. What debootstrap made is kept
# in build/roots/SUITE.tar: the second root takes a second.
set -euo pipefail
suite=$1 root=$2
cd "$(dirname "$0")/.."
if [[ $(id -u) != 0 ]] || ! command -v debootstrap >/dev/null; then
  echo "debian_root: takes root, and debootstrap; try: apt-get install debootstrap" >&2
  exit 1
fi
kept=build/roots/$suite.tar
if [[ ! -e $kept ]]; then
  echo "debian_root: making a root of Debian $suite with debootstrap" >&2
  mkdir -p build/roots
  fresh=build/roots/$suite.new
  rm -rf "$fresh"
  scripts/apt_sources_of.py "$suite" >build/roots/$suite.sources
  mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' build/roots/$suite.sources | head -1)
  if ! debootstrap --variant=minbase "$suite" "$fresh" "$mirror" >build/roots/debootstrap.log 2>&1; then
    tail -5 build/roots/debootstrap.log >&2
    echo "debian_root: debootstrap failed, see build/roots/debootstrap.log" >&2
    exit 1
  fi
  rm -f "$fresh/etc/apt/sources.list"
  cp build/roots/$suite.sources "$fresh/etc/apt/sources.list.d/debian.sources"
  chroot "$fresh" apt-get -qq update
  tar -C "$fresh" -cf "$kept.new" .
  mv "$kept.new" "$kept"
  rm -rf "$fresh"
fi
mkdir -p "$root"
tar -C "$root" -xf "$kept"
