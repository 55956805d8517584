#!/usr/bin/env bash
# Loads the completion that the program prints into a shell, and asks it for words:
# completion_test.sh PROGRAM SHELL. Ends with 77, "skipped", where that shell is not installed.
set -euo pipefail
program=$(realpath "$1") shell=$2
command -v "$shell" >/dev/null || exit 77
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/cwd" "$out/cwd/folder"
touch "$out/cwd/model.onnx"
"$program" completion "$shell" >"$out/_yoloport"
cd "$out/cwd"

# Each prints, on one line, what the shell offers for the command line $1.
offers_bash() {
  bash -c '
    source ../_yoloport
    read -ra COMP_WORDS <<<"${1//=/ = }"
    [[ $1 == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _yoloport
    echo "${COMPREPLY[*]}"' - "$1"
}
offers_fish() {
  fish -c 'source ../_yoloport; complete -C $argv[1]' "$1" | cut -f1 | paste -sd' '
}
# zsh completes on a terminal only: compadd is told to note what it is given (-O), and to add nothing.
offers_zsh() {
  zsh -f -c '
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
    zpty -w shell "compadd() { local -a found; builtin compadd -O found \"\$@\"; print -l -- \$found >>$1/found }"
    zpty -w shell "give-up() { zle -I; print -l END >>$1/found }; zle -N give-up"
    zpty -w shell "bindkey \"^X\" complete-word \"^Y\" give-up"
    zpty -w -n shell "$2"$'"'\x18\x19'"'
    repeat 100; do sleep 0.1; grep -q END $1/found 2>/dev/null && break; done
    zpty -d shell' - "$out" "$1"
  grep -v END "$out/found" | sort -u | paste -sd' '
  rm -f "$out/found"
}

failed=0
expect() {
  local found
  found=$("offers_$shell" "$1")
  [[ " $found " == *" $2 "* && " $found " != *" ${3:-no such word} "* ]] && return
  echo "$shell: '$1' offers '$found', not '$2'${3:+ without '$3'}" >&2
  failed=1
}
expect 'yoloport ' inspect
expect 'yoloport ex' export detect
expect 'yoloport export --back' --backend --half
expect 'yoloport export --backend t' tensorrt8 rknn
expect 'yoloport export --backend ' rknn model.onnx
expect 'yoloport build-engine --timing' --timing-cache --backend
expect 'yoloport detect --runtime ' openvino folder
expect 'yoloport inspect --format ' python
expect 'yoloport completion ' fish model.onnx
case $shell in
  bash) expect 'yoloport inspect --format=' python ;;&
  fish) expect 'yoloport inspect --format=' --format=python ;;&
  bash | fish) expect 'yoloport detect --format coco,c' coco,csv csv ;;
esac
exit $failed
