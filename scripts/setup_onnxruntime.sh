#!/usr/bin/env bash
# Puts ONNX Runtime into build/deps/onnxruntime/{lib,include}.
#
# Debian 12 has no ONNX Runtime. The library is the one inside the Python wheel; the headers are
# those of the next Debian release's libonnxruntime-dev. The library's C API is versioned, so that
# older headers work with a newer library. Nothing outside build/deps is written.
#
# With YOLOPORT_ONNXRUNTIME_ROOT set (a folder with lib/ and include/) it does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ -z ${YOLOPORT_ONNXRUNTIME_ROOT:-} ]] || exit 0

deps=$PWD/build/deps
root=$deps/onnxruntime
headers_from=trixie # the Debian release whose headers are taken
newest_api=32       # ORT_API_VERSION of the library in wheels/onnxruntime.txt
oldest_api=18       # what src/runtime needs

stamp=$(cat scripts/setup_onnxruntime.sh scripts/wheels/onnxruntime.txt | sha256sum)
if [[ $(cat "$root/stamp" 2>/dev/null) == "$stamp" && -e $root/lib/libonnxruntime.so &&
  -e $root/include/onnxruntime_cxx_api.h ]]; then
  exit 0
fi

fail() {
  echo "setup: ONNX Runtime: $1" >&2
  echo "  Or unpack a release of ONNX Runtime yourself and set YOLOPORT_ONNXRUNTIME_ROOT to its folder." >&2
  exit 1
}

rm -rf "$root"
mkdir -p "$root"/{lib,include}

# The library.
echo "setup: ONNX Runtime library, from its Python wheel"
scripts/unpack_wheel.sh scripts/wheels/onnxruntime.txt "$deps/unpacked" || fail "the library could not be had."
cp "$deps"/unpacked/onnxruntime/capi/libonnxruntime*.so* "$root/lib" ||
  fail "the wheel holds no libonnxruntime.so."
cp "$deps"/unpacked/onnxruntime/{LICENSE,ThirdPartyNotices.txt} "$root"
rm -rf "$deps/unpacked"
library=$(basename "$root"/lib/libonnxruntime.so.*)
ln -sf "$library" "$root/lib/libonnxruntime.so.1"
ln -sf "$library" "$root/lib/libonnxruntime.so"

# The headers. apt reads the machine's configuration (proxies, keys), then this one on top of it.
apt=$deps/apt
rm -rf "$apt"
mkdir -p "$apt"/{sources,state/lists/partial,cache/archives/partial,preferences,download}
: >"$apt/state/status"
scripts/apt_sources_of.py "$headers_from" >"$apt/sources/$headers_from.sources" ||
  fail "cannot derive where Debian $headers_from is from this machine's apt sources."
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state";
Dir::State::lists "lists";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$apt/sources";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$apt/preferences";
APT::Sandbox::User "root"; // the folder may be closed to the user _apt
#clear APT::Default-Release;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
echo "setup: ONNX Runtime headers, from Debian $headers_from"
apt-get -c "$apt/apt.conf" -qq update ||
  fail "apt-get could not read the package list of Debian $headers_from."
(cd "$apt/download" && apt-get -c "$apt/apt.conf" -qq download libonnxruntime-dev) ||
  fail "apt-get could not download libonnxruntime-dev of Debian $headers_from."
dpkg -x "$apt"/download/libonnxruntime-dev_*.deb "$apt/download"
header=$(find "$apt/download" -name onnxruntime_cxx_api.h)
[[ -n $header ]] || fail "libonnxruntime-dev holds no onnxruntime_cxx_api.h."
cp -r "$(dirname "$header")"/. "$root/include"
rm -rf "$apt"

api=$(sed -n 's/^#define ORT_API_VERSION \([0-9]*\).*/\1/p' "$root/include/onnxruntime_c_api.h")
if ((api < oldest_api || api > newest_api)); then
  fail "the headers are of API version $api; $oldest_api to $newest_api fit the library $library."
fi
echo "$stamp" >"$root/stamp"
echo "setup: ONNX Runtime is in build/deps/onnxruntime: $library, headers of API version $api"
