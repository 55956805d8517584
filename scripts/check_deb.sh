#!/usr/bin/env bash
# The Debian packages install into a clean root of this machine's Debian, run the demo there and leave nothing behind:
# check_deb.sh FOLDER_OF_PACKAGES. Needs root and debootstrap; works in build/check-deb.
set -euo pipefail
packages=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
work=build/check-deb root=build/check-deb/root

leave() {
  local mounted
  for mounted in proc sys; do
    ! mountpoint -q $root/$mounted || umount $root/$mounted
  done
  rm -rf $root
}
trap leave EXIT
leave
mkdir -p $work

inside() { chroot $root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { inside setpriv --reuid=tester --regid=tester --clear-groups env HOME=/home/tester "$@"; }
apt() {
  inside apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >$work/apt.log 2>&1 </dev/null && return
  cat $work/apt.log >&2
  echo "check-deb: 'apt-get $*' failed in the clean root, see above" >&2
  return 1
}
fail() {
  echo "check-deb: $*" >&2
  exit 1
}
# Every file there is, but for what apt and dpkg write about what they did.
list_files() {
  (cd $root && find . -path ./proc -prune -o -path ./sys -prune -o -path ./var/log -prune -o -path ./var/lib/apt -prune \
    -o -path ./var/cache -prune -o -path './var/lib/dpkg/*' -prune -o -print | sort)
}
# Whether all that the packages' programs and libraries are linked with is there.
check_linked() {
  local file
  while read -r file; do
    if inside ldd "$file" | grep 'not found'; then fail "$file lacks a library, see above"; fi
  done < <(inside dpkg -L "$@" | grep -E '^/usr/(bin/|lib/.*\.so)')
}

scripts/debian_root.sh "$(. /etc/os-release && echo "$VERSION_CODENAME")" $root
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
inside useradd --create-home tester
apt install man-db
cp "$packages"/*.deb $root/root/

# What is installed besides is what the package says it depends on. So what it leaves behind can be told apart.
depends=$(dpkg-deb -f "$packages"/yoloport_*.deb Depends)
apt satisfy "$depends"
list_files >$work/before.txt
begin=$SECONDS
apt install "/root/$(basename "$packages"/yoloport_*.deb)"
kib=$(inside dpkg-query -W -f '${Installed-Size}' yoloport)
echo "yoloport installed in $((SECONDS - begin)) s, $((kib / 1024)) MiB, when what it depends on is there"

check_linked yoloport
[[ ! -e $root/usr/include/yoloport ]] || fail "what is for developers is in the package for users"
as_user yoloport --version
demo=/usr/share/yoloport/demo
as_user yoloport export $demo/config.py $demo/digits.pth --from-test-cfg \
  --output /home/tester/digits.onnx --quiet
for runtime in onnxruntime openvino; do
  as_user yoloport detect $demo/page1.png $demo/page2.png /home/tester/digits.onnx --runtime $runtime \
    --score-thr 0.2 --json /home/tester/$runtime.jsonl --out-dir /home/tester/$runtime --quiet
  [[ -s $root/home/tester/$runtime/page1.png ]] || fail "$runtime: no picture was written"
  echo "$runtime: $(scripts/compare_detections.py $root/home/tester/$runtime.jsonl demo/expected.json --min-score 0.26)"
done
as_user man yoloport-export | grep -q -- --score-threshold || fail "there is no manual page"
inside bash -c '. /usr/share/bash-completion/completions/yoloport && complete -p yoloport' >/dev/null ||
  fail "bash finds no completion"
for file in zsh/vendor-completions/_yoloport fish/vendor_completions.d/yoloport.fish; do
  [[ -s $root/usr/share/$file ]] || fail "there is no /usr/share/$file"
done

for package in "$packages"/libyoloport0.1_*.deb "$packages"/libyoloport-dev_*.deb; do
  apt install "/root/$(basename "$package")"
done
check_linked libyoloport0.1

apt purge yoloport libyoloport0.1 libyoloport-dev
rm -r $root/home/tester/{digits.onnx,onnxruntime,openvino,onnxruntime.jsonl,openvino.jsonl}
list_files >$work/after.txt
diff $work/before.txt $work/after.txt || fail "the packages leave behind, or take away, what is shown above"
echo "check-deb: installs, runs the demo and removes cleanly"
