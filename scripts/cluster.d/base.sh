# shellcheck shell=bash disable=SC2034 # the other pieces use these variables
# Where things are, how errors read, how to wait, and who may change what at a time.

readonly STATE_ROOT=/run/shoal-cluster
readonly DATA_ROOT=${SHOAL_CLUSTER_DATA:-/var/tmp/shoal-cluster}
readonly CACHE=$DATA_ROOT/cache

# CLUSTER is the name; STATE what a reboot of this machine may lose (process records, sockets, network conditions);
# DATA what a disk would hold (subnet, engine and agent data, logs).
cluster_select() { # NAME
  [[ $1 =~ ^[a-z][a-z0-9-]{0,19}$ && $1 != cache ]] ||
    usage_error "'$1' cannot name a cluster: use 1 to 20 of a-z, 0-9 and -, with a letter first"
  CLUSTER=$1
  STATE=$STATE_ROOT/$1
  DATA=$DATA_ROOT/$1
}

note() { printf 'cluster %s: %s\n' "$CLUSTER" "$1" >&2; }

die() { # CAUSE [NEXT-STEP]
  printf 'cluster %s: %s\n' "${CLUSTER-}" "$1" >&2
  if [[ -n ${2-} ]]; then printf '  next: %s\n' "$2" >&2; fi
  exit "${DIE_CODE:-1}"
}

usage_error() { # CAUSE
  DIE_CODE=2 die "$1" 'scripts/cluster --help'
}

# The command line that repeats this call for the same cluster, for hints in errors.
self() { printf 'scripts/cluster %s --name %s' "$*" "$CLUSTER"; }

# A pipe that never has anything to read: reading it with a timeout is a sleep without a process.
exec {NAP}<> <(:)
nap() { read -rt 0.02 -u "$NAP" || true; }

wait_until() { # SECONDS CONDITION...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS <= deadline)) || return 1
    nap
  done
}

# Runs FUNCTION HOST for all hosts at once and fails when one of them failed. A worker is deaf to Ctrl-C, and finishes
# the step it is in when it is told to end (a shell does so when it has a trap).
parallel() { # FUNCTION HOST...
  local work=$1 host failed=()
  local -A worker
  shift
  for host in "$@"; do
    { trap '' INT && trap 'exit 130' TERM && "$work" "$host"; } &
    worker[$host]=$!
  done
  for host in "$@"; do
    wait "${worker[$host]}" || failed+=("$host")
  done
  ((${#failed[@]} == 0)) || die "failed for ${failed[*]}, see above" 'mend the cause, run the same again'
}

# Holds DIRECTORY until this process and its workers end; fails when it is not there, or was removed while we waited.
# The directory itself is the lock, so none stays behind.
lock() { # -s|-x DIRECTORY
  local fd
  { exec {fd}<"$2"; } 2>/dev/null || return 1
  if ! flock -w 2 "$1" "$fd"; then
    note 'waiting for another command on it to end'
    flock -w 300 "$1" "$fd" || die 'another command has held it for 5 minutes' "fuser -v $2 shows which"
  fi
  [[ $2 -ef /dev/fd/$fd ]]
}

lock_made() { # DIRECTORY, made if need be
  until mkdir -p "$1" && lock -x "$1"; do nap; done
}

lock_cluster() { # -s|-x
  lock "$1" "$STATE" || die 'it is not up' "$(self up 3)"
}

# The lock of a command that changes one host (or the switch): other hosts may change at the same time, but the
# cluster may not come up or go down.
lock_part() { # HOST|switch
  lock_cluster -s
  lock_made "$STATE/$1"
}
