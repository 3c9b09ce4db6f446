# shellcheck shell=bash
# A host: namespaces and cgroups of its own around a pid 1, which takes everything in it along when it dies.
# It is on when its pid 1 runs and "booted" was written; with only one of the two it is half-made, or lost its power.

host_names() {
  local dir
  for dir in "$DATA"/h*; do echo "${dir##*/}"; done | sort -V
}

# The hosts, and the machine of the registry if there is one.
machine_names() {
  host_names
  if [[ -d $DATA/registry ]]; then echo registry; fi
}

# What runs on it, besides what `exec` starts.
host_units() { # HOST
  if [[ $1 == registry ]]; then
    echo registry
  elif host_has_engine "$1"; then
    echo engine agent
  else
    echo agent
  fi
}

host_has_engine() { [[ ! -f $DATA/$1/no-engine ]]; } # HOST

host_check() { # HOST
  [[ -d $DATA/${1:-.} && ${1-} =~ ^(h[1-9][0-9]*|registry)$ ]] ||
    die "there is no host '${1-}'" "$(self names), or $(self up N) to make one"
}

host_check_on() { # HOST
  host_check "$1"
  host_is_on "$1" || die "$1 is off" "$(self on "$1")"
}

# A process that enters a frozen host would freeze with it.
host_check_runs() { # HOST
  host_check_on "$1"
  ! host_is_frozen "$1" || die "$1 is frozen" "$(self thaw "$1")"
}

host_address() { echo "$(<"$DATA/subnet").$(host_number "$1")"; } # HOST
host_number() { if [[ $1 == registry ]]; then echo 250; else echo "${1#h}"; fi; }
host_socket() { echo "$STATE/$1/docker.sock"; } # HOST
host_pid() { process_pid "$STATE/$1/init"; }    # HOST
host_is_on() { [[ -f $STATE/$1/booted ]] && process_lives "$STATE/$1/init"; }
host_is_frozen() { cgroup_is_frozen "$(cgroup_of "$1")"; }

# Runs a tool of this machine on HOST's network only; works on a frozen host too.
host_net() { # HOST COMMAND...
  nsenter --target "$(host_pid "$1")" --net -- "${@:2}"
}

# Becomes COMMAND inside HOST.
host_enter() { # HOST LEAF COMMAND...
  local init
  init=$(host_pid "$1")
  cgroup_join "$1" "$2"
  exec {NAP}<&-
  exec nsenter --target "$init" --mount --pid --uts --ipc --net --wd="$PWD" -- "${@:3}"
}

# Runs COMMAND inside HOST as a daemon: a child of its pid 1, with a record $STATE/HOST/UNIT and a log.
host_spawn() { # HOST UNIT COMMAND...
  local host=$1 unit=$2 init
  shift 2
  init=$(host_pid "$host")
  (
    cgroup_join "$host" "$unit"
    process_detach "$DATA/$host/$unit.log"
    # The shell inside leaves its child to the host's pid 1, which reaps it the moment it dies.
    exec nsenter --target "$init" --mount --pid --uts --ipc --net -- \
      sh -c "$IN_BACKGROUND" sh "$PIECES/record" "$STATE/$host/$unit" "$@"
  )
}

host_boot() { # HOST
  local host=$1
  host_is_on "$host" && switch_has_port "$host" && return
  if ! host_is_on "$host"; then
    host_clear "$host"
    mkdir -p "$STATE/$host" "$DATA/$host/etc-docker"
    cgroup_make "$host"
    (
      cgroup_join "$host" init
      process_detach "$STATE/$host/boot.log"
      exec unshare --net --mount --propagation private --pid --uts --ipc -- \
        sh -c "$IN_BACKGROUND" sh \
        "$PIECES/record" "$STATE/$host/init" "$PIECES/host-init" "$host" "$STATE" "$DATA/$host"
    )
    wait_until 5 host_has_init "$host" || die "$host does not boot: $(<"$STATE/$host/boot.log")"
  fi
  (lock_made "$STATE/switch" && switch_plug "$host")
  : >"$STATE/$host/booted"
}

# host-init has done its work when it has become tini.
host_has_init() { # HOST
  local pid
  pid=$(host_pid "$1") && [[ $(<"/proc/$pid/comm") == tini ]]
}

# Power cut: the cable first, so that no peer hears a goodbye from a dying socket, then pid 1 and all with it.
host_off() { # HOST
  switch_unplug "$1"
  process_signal "$STATE/$1/init" KILL || true
  host_clear "$1"
}

# Removes what a dead or half-made host has left outside of its disk.
host_clear() { # HOST
  cgroup_sweep "$(cgroup_of "$1")"
  cgroup_remove "$(cgroup_of "$1")"
  rm -f "$STATE/$1"/{booted,init,engine,agent,registry,docker.sock}
}
