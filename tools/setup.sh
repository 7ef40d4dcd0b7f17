#!/usr/bin/env bash
# Installs the Debian packages that building, running and testing need. Asks nothing; does nothing where they are there.
set -eu
packages="clang llvm libbpf-dev libbpf1 linux-libc-dev libc6-dev iproute2 nftables iptables nginx-light
keepalived tcpdump ethtool libpcap0.8 libsystemd0 iputils-ping procps"
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "setup: these packages are missing and only root can install them:$missing" >&2
  echo "setup: run 'sudo apt-get install$missing', or this command as root" >&2
  exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# Packages must not start services here: policy-rc.d is the documented way to say so (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get -qq update
# shellcheck disable=SC2086
apt-get -qq -y --no-install-recommends install $missing > /dev/null
