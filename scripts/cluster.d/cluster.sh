# shellcheck shell=bash
# What is written down about a cluster and its hosts when they are first made.

cluster_describe() {
  mkdir -p "$DATA" "$STATE/bin"
  [[ -s $DATA/subnet ]] || (lock_made "$STATE_ROOT" && switch_choose_subnet)
  ln -sfn /usr/bin/docker "$STATE/bin/docker" # a newer one may stand before it in PATH
  echo 'nameserver 127.0.0.1' >"$STATE/resolv.conf"
}

# Written in place: running hosts have this very file as their /etc/hosts.
cluster_write_hosts() {
  local host
  {
    echo '127.0.0.1 localhost'
    for host in $(host_names); do echo "$(host_address "$host") $host"; done
    echo "$(host_address registry) $REGISTRY_NAME" # whether there is one or not
  } >"$STATE/hosts"
}

host_describe() { # HOST MEMORY CPU [live-restore] [no-engine]
  local new=$DATA/.new trait
  rm -rf "$new"
  mkdir "$new"
  printf 'SHOAL_MEMORY=%s\nSHOAL_CPU=%s\n' "$2" "$3" >"$new/offer"
  for trait in "${@:4}"; do : >"$new/$trait"; done
  mv "$new" "$DATA/$1"
}

# All clusters that left anything anywhere.
cluster_names() {
  local dir
  for dir in "$STATE_ROOT"/*/ "$DATA_ROOT"/*/ "$CGROUP_FREEZER"/shoal-cluster/*/; do
    [[ $dir -ef $CACHE ]] || basename "$dir"
  done | sort -u
}
