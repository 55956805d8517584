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

"$cmake" -S examples/c_api -B "$out/c_example" -DCMAKE_PREFIX_PATH="$out/installed" >/dev/null
"$cmake" --build "$out/c_example" >/dev/null

if command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH=$(dirname "$(find "$out/installed" -name yoloport-c.pc)")
  cc examples/c_api/main.c $(pkg-config --cflags --libs yoloport-c) \
    -Wl,-rpath,"$(pkg-config --variable=libdir yoloport-c)" -o "$out/c_example/by_pkg_config"
fi

for license in "$out"/installed/share/doc/yoloport/LICENSE; do
  cmp LICENSE "$license"
done
# Whoever uses the headers needs no other library's.
if grep -rnE '#include [<"](opencv2|onnx|google|nlohmann|fmt|CLI)' "$out/installed/include"; then
  echo "a public header includes another library's" >&2
  exit 1
fi

"$out/installed/bin/yoloport" export demo/config.py demo/digits.pth --from-test-cfg --model-only \
  --output "$out/digits.onnx" --quiet
"$out/example/detect_photo" "$out/digits.onnx" demo/page1.png "$out/page1.png" >"$out/found.txt"
[ -s "$out/page1.png" ]
"$out/installed/bin/yoloport" detect demo/page1.png "$out/digits.onnx" --json "$out/expected.jsonl" --no-save \
  --score-thr 0.001 --quiet
# The same through C, end to end, and from there through ctypes: equal line by line.
page=$PWD/demo/page1.png config=$PWD/demo/config.py checkpoint=$PWD/demo/digits.pth
(cd "$out" && c_example/detect "$config" "$checkpoint" "$page" >found_c.txt)
library=$(find "$out/installed" -name libyoloport-c.so)
python3 examples/c_api/detect.py "$library" "$out/detector.onnx" "$page" >"$out/found_ctypes.txt"
[ -s "$out/found_c.txt" ]
cmp "$out/found_c.txt" "$out/found_ctypes.txt"
python3 - "$out/found.txt" "$out/expected.jsonl" <<'EOS'
import json, sys

found = [line.split() for line in open(sys.argv[1])]
expected = json.loads(open(sys.argv[2]).read())["detections"]
assert expected and len(found) == len(expected), (len(found), len(expected))
for (name, score, *box), one in zip(found, expected):
    assert name == one["class"] and abs(float(score) - one["score"]) < 1e-5, (name, score, one)
    assert all(abs(float(a) - b) < 0.01 for a, b in zip(box, one["box"])), (box, one)
print(len(found), "objects found by the example")
EOS
