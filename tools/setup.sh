#!/usr/bin/env bash
# Installs the Debian packages that building, running and testing need. Asks nothing; does nothing where they are there.
set -eu
# Further packages may be named as arguments.
packages="$* clang llvm libbpf-dev libbpf1 linux-libc-dev libc6-dev iproute2 nftables iptables nginx-light
keepalived tcpdump ethtool libpcap0.8 libsystemd0 iputils-ping procps postgresql-15 libpq5 mariadb-server sqlite3 git fio e2fsprogs
util-linux qemu-system-x86 busybox-static bpftool cpio"
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then
  # Nothing else needs the old kernel: without it its test is skipped and says so.
  "$(dirname "$0")/old-kernel.sh" fetch > /dev/null || true
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "setup: these packages are missing and only root can install them:$missing" >&2
  echo "setup: run 'sudo apt-get install$missing', or this command as root" >&2
  exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# Packages must not start services here: policy-rc.d is the documented way to say so (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
made=""
trap 'rm -f $made' EXIT
if [ ! -e "$policy" ]; then
  made="$policy"
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
fi
# Nor is a database of the package's own needed, which would start with the machine (pg_createcluster(8)).
if [ ! -e /etc/postgresql ]; then
  clusters=/etc/postgresql-common/createcluster.d
  made="$made $clusters/safekit-setup.conf"
  mkdir -p "$clusters"
  echo 'create_main_cluster = false' > "$clusters/safekit-setup.conf"
fi
# Bounded: a mirror that does not answer, or another package manager at work, must not hang a build.
apt="timeout 900 apt-get -qq -o Acquire::http::Timeout=30 -o Acquire::Retries=2 -o DPkg::Lock::Timeout=120"
$apt update
# shellcheck disable=SC2086
$apt -y --no-install-recommends install $missing > /dev/null
# MariaDB's package asks nobody: its service would start with the machine.
case $missing in *mariadb-server*) systemctl disable --now --quiet mariadb 2> /dev/null || true ;; esac
"$(dirname "$0")/old-kernel.sh" fetch || true
