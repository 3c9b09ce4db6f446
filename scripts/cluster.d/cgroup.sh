# shellcheck shell=bash
# A host's cgroups: shoal-cluster/CLUSTER/HOST/{init,exec,engine,agent} for its processes and .../docker for its
# containers, in every controller (v1) or in the one tree (v2). v2 allows processes in leaves only; so do we in both.

CGROUP_V2=
if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then CGROUP_V2=yes; fi
readonly CGROUP_V2

if [[ $CGROUP_V2 ]]; then
  CGROUP_TREES=(/sys/fs/cgroup)
  CGROUP_FREEZER=/sys/fs/cgroup
  declare -A FREEZE=([file]=cgroup.freeze [yes]=1 [no]=0 [state]=cgroup.events [done]='frozen 1')
else
  CGROUP_TREES=()
  for tree in /sys/fs/cgroup/{cpu,cpuacct,memory,freezer,blkio,pids,systemd,unified}; do
    if [[ -d $tree ]]; then CGROUP_TREES+=("$tree"); fi
  done
  CGROUP_FREEZER=/sys/fs/cgroup/freezer
  declare -A FREEZE=([file]=freezer.state [yes]=FROZEN [no]=THAWED [state]=freezer.state [done]=FROZEN)
fi
readonly CGROUP_TREES CGROUP_FREEZER FREEZE

cgroup_of() { echo "shoal-cluster/$CLUSTER/$1"; } # HOST

cgroup_make() { # HOST
  local tree path leaf dirs=()
  path=$(cgroup_of "$1")
  for tree in "${CGROUP_TREES[@]}"; do
    for leaf in init exec $(host_units "$1"); do dirs+=("$tree/$path/$leaf"); done
  done
  mkdir -p "${dirs[@]}"
  if [[ $CGROUP_V2 ]]; then cgroup_delegate "$path"; fi
}

# v2: offers this machine's controllers to each level above the leaves.
cgroup_delegate() { # PATH
  local level=/sys/fs/cgroup step controllers
  for step in . ${1//\// }; do
    level=$level/$step
    read -r controllers <"$level/cgroup.controllers"
    [[ -z $controllers ]] || echo "+${controllers// / +}" >"$level/cgroup.subtree_control"
  done
}

# Moves this (sub)shell into LEAF of HOST; what it starts or becomes is accounted, frozen and swept with the host.
cgroup_join() { # HOST LEAF
  local tree path
  path=$(cgroup_of "$1")
  for tree in "${CGROUP_TREES[@]}"; do echo "$BASHPID" >"$tree/$path/$2/cgroup.procs"; done
}

# Prints the pids in PATH and below (a path under the cgroup mount).
cgroup_pids() { # PATH
  [[ ! -d $CGROUP_FREEZER/$1 ]] || find "$CGROUP_FREEZER/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

# The processes in PATH are ours alone, recorded or not: ends them all.
cgroup_sweep() { # PATH
  local pids deadline=$((SECONDS + 10))
  while pids=$(cgroup_pids "$1") && [[ $pids ]]; do
    ((SECONDS <= deadline)) || die "processes of $1 do not die: ${pids//$'\n'/ }" 'look at /proc/PID/stack of these'
    # shellcheck disable=SC2086 # one word per pid; some may be gone by now
    kill -KILL $pids 2>/dev/null || true
    cgroup_thaw_all "$1" # a frozen process dies when it thaws, before it runs again
    nap
  done
}

# Thaws PATH and what was frozen by itself below it: a host in a cluster, a paused container in a host.
cgroup_thaw_all() { # PATH
  local knob
  find "$CGROUP_FREEZER/$1" -name "${FREEZE[file]}" 2>/dev/null | while read -r knob; do
    echo "${FREEZE[no]}" 2>/dev/null >"$knob" || true # it may be gone by now
  done
}

# Removes the directories of PATH in every controller, also those that Docker made in controllers we do not use.
cgroup_remove() { # PATH
  local dirs
  dirs=(/sys/fs/cgroup/"$1"/ /sys/fs/cgroup/*/"$1"/)
  wait_until 10 cgroup_rmdir "${dirs[@]}" || die "cannot remove ${dirs[*]}" 'see which process is in one: cgroup.procs'
}

cgroup_rmdir() { # DIRECTORY...
  find "$@" -depth -type d -exec rmdir {} + 2>/dev/null
  local dir
  for dir in "$@"; do [[ ! -d $dir ]] || return 1; done
}

cgroup_set_frozen() { # PATH yes|no
  local dir=$CGROUP_FREEZER/$1
  [[ ! -d $dir ]] || echo "${FREEZE[$2]}" >"$dir/${FREEZE[file]}"
}

cgroup_is_frozen() { # PATH
  local state=$CGROUP_FREEZER/$1/${FREEZE[state]}
  [[ -f $state && $(<"$state") == *"${FREEZE[done]}"* ]]
}
