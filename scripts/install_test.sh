#!/usr/bin/env bash
# Installs what was built, builds examples/detect_photo against that alone, and runs it on the demo:
# install_test.sh BUILD_FOLDER [CMAKE]. It must find what the installed program finds.
set -euo pipefail
build=$(cd "$1" && pwd) cmake=${2:-cmake}
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$cmake" --install "$build" --prefix "$out/installed" >/dev/null
"$cmake" -S examples/detect_photo -B "$out/example" -DCMAKE_PREFIX_PATH="$out/installed" >/dev/null
"$cmake" --build "$out/example" >/dev/null

for license in "$out"/installed/share/doc/yoloport/LICENSE; do
  cmp LICENSE "$license"
done
# Whoever uses the headers needs no other library's.
if grep -rnE '#include [<"](opencv2|onnx|google|nlohmann|fmt|CLI)' "$out/installed/include"; then
  echo "a public header includes another library's" >&2
  exit 1
fi

"$out/installed/bin/yoloport" export demo/config.py demo/digits.pth --img-size 320 --from-test-cfg --model-only \
  --output "$out/digits.onnx" --quiet
"$out/example/detect_photo" "$out/digits.onnx" demo/page1.png "$out/page1.png" | cut -d' ' -f1,2 >"$out/found.txt"
"$out/installed/bin/yoloport" detect demo/page1.png "$out/digits.onnx" --json - --no-save --score-thr 0.001 |
  python3 -c '
import json, sys
for d in json.loads(sys.stdin.read())["detections"]:
    print(d["class"], "%g" % d["score"])' >"$out/expected.txt"
[ -s "$out/page1.png" ] && [ -s "$out/found.txt" ]
diff "$out/expected.txt" "$out/found.txt"
echo "$(wc -l <"$out/found.txt") objects found by the example"
