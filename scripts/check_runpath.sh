#!/bin/sh
# Fails where the loader would look for the libraries of a program in the current folder, and so load whatever lies
# there: check_runpath.sh FILE...
status=0
for file in "$@"; do
  path=$(readelf -d "$file" | sed -n 's/.*(R\(UN\)\?PATH).*\[\(.*\)\]/\2/p')
  case ":$path:" in
    ::) ;;  # it has none
    *::* | *:[!/$]*) echo "$file: its run path '$path' names the current folder" >&2; status=1 ;;
  esac
done
exit $status
