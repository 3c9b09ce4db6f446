# shellcheck shell=bash
# What this machine needs: programs from Debian, and the few shared files that every host of a cluster sees.

# Installs the missing packages, without letting apt start a Docker engine of the machine. One that runs is left alone.
cluster_requirements() {
  local program package missing=()
  while read -r program package; do
    type -P "$program" >/dev/null || missing+=("$package")
  done <<'PROGRAMS'
/usr/sbin/dockerd docker.io
/usr/bin/docker docker.io
tini tini
ip iproute2
ping iputils-ping
iptables iptables
curl curl
jq jq
socat socat
docker-registry docker-registry
skopeo skopeo
PROGRAMS
  ((${#missing[@]} == 0)) || packages_install "${missing[@]}"
  mkdir -p /etc/docker
}

packages_install() { # PACKAGE...
  local policy=/usr/sbin/policy-rc.d output
  note "installing $*"
  if [[ -e $policy ]]; then policy=; else install -m 755 <(printf '#!/bin/sh\nexit 101\n') "$policy"; fi
  if ! output=$(DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@" 2>&1); then
    printf '%s\n' "$output" >&2
    die "apt-get cannot install $*" 'apt-get update, or install them yourself'
  fi
  if [[ $policy ]]; then rm "$policy"; fi
}
