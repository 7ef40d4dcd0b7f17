#!/usr/bin/env bash
# Loads the packet filter into the oldest kernel that is promised, Debian 12's own 6.1, in an emulated machine of a few megabytes: verifiers
# differ, and whoever runs that kernel must not be the first to find out. Needs no virtualisation and no root. Prints a line for each
# program that was loaded. "fetch" only gets the kernel, "check" only says whether all is there; either exits 3 where it is not.
set -eu
cd "$(dirname "$0")/.."
object=ebpf/.output/filter.bpf.o
# Outside of the checkout, so that it is fetched once.
folder=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/safekit/linux-6.1
PATH="$PATH:/usr/sbin:/sbin"
cannot() { echo "$1"; exit 3; }
has_kernel() { ls "$folder"/boot/vmlinuz-* > /dev/null 2>&1; }

fetch() {
  local aside package
  # Only unpacked: an installed kernel would be booted.
  package=$(apt-cache depends linux-image-cloud-amd64 2> /dev/null | sed -n 's/.*Depends: \(linux-image-6\.1\..*\)/\1/p' | head -1)
  [ -n "$package" ] || cannot "Debian 12's kernel is not among this machine's packages"
  aside=$(mktemp -d)
  (cd "$aside" && timeout 300 apt-get -qq download "$package" 2> /dev/null && dpkg-deb -x linux-image-6.1.*.deb kernel) || cannot "$package cannot be fetched"
  mkdir -p "$folder/boot"
  mv "$aside"/kernel/boot/vmlinuz-* "$folder/boot/"
  rm -rf "$aside"
}

[ "$(uname -m)" = x86_64 ] || cannot "the emulated machine is an x86-64"
for program in qemu-system-x86_64 bpftool cpio busybox; do
  command -v $program > /dev/null || cannot "$program is not installed; make setup installs it"
done
bpftool=$(command -v bpftool)
[ "${1:-}" != fetch ] || has_kernel || fetch
has_kernel || cannot "Debian 12's kernel is not there; make setup fetches it"
[ "${1:-}" = "" ] || exit 0

root=$(mktemp -d)
trap 'rm -rf "$root" "$root.initrd"' EXIT
mkdir -p "$root"/bin "$root"/proc "$root"/sys
cp "$(command -v busybox)" "$bpftool" "$root/bin"
cp $object "$root/filter.o"
ldd "$bpftool" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$root$library"; done
cat > "$root/init" << 'END'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t bpf bpf /sys/fs/bpf
/bin/busybox echo "kernel $(/bin/busybox uname -r)"
/bin/bpftool prog loadall /filter.o /sys/fs/bpf/filter 2>&1 | /bin/busybox tail -n 60
for program in /sys/fs/bpf/filter/*; do [ -e "$program" ] && /bin/busybox echo "loaded $(/bin/busybox basename "$program")"; done
/bin/busybox poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc 2> /dev/null) | gzip -1 > "$root.initrd"
timeout 300 qemu-system-x86_64 -accel tcg,tb-size=128 -cpu Nehalem -smp 1 -m 1024 -nographic -no-reboot -net none \
  -kernel "$folder"/boot/vmlinuz-* -initrd "$root.initrd" -append "console=ttyS0 quiet panic=1" < /dev/null | tr -d '\r'
