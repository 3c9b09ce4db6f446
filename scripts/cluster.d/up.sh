# shellcheck shell=bash
# up and down: the whole cluster. Each step of up looks before it acts, so it may be interrupted and run again.

command_up() { # N [OPTION...]
  local count='' agent=yes memory=2g cpu=4 traits=() host hosts
  while (($# > 0)); do
    case $1 in
      --no-agent) agent= ;;
      --live-restore | --no-engine) traits+=("${1#--}") ;;
      --memory) memory=${2-} && shift ;;
      --cpu) cpu=${2-} && shift ;;
      [1-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9]) count=$1 ;;
      *) usage_error "up does not understand '$1' (N is 1 to 249)" ;;
    esac
    shift || usage_error 'an option of up has no value'
  done
  [[ $count && $memory && $cpu ]] || usage_error 'up needs a number of hosts, and options need values'
  if [[ $agent ]]; then agent_require; fi
  cluster_requirements

  lock_made "$STATE"
  trap up_interrupted INT TERM
  mapfile -t hosts < <(seq -f h%g "$count")
  cluster_describe
  for host in "${hosts[@]}"; do
    [[ -d $DATA/$host ]] || host_describe "$host" "$memory" "$cpu" "${traits[@]}"
  done
  cluster_write_hosts
  images_build
  switch_up
  network_apply_rules
  parallel up_host "${hosts[@]}"
  if [[ $agent ]]; then up_agents "${hosts[@]}"; fi
}

# A worker finishes the step it is in, which may be a fraction of a second; nothing it started goes unrecorded.
up_interrupted() {
  trap '' INT TERM
  # shellcheck disable=SC2046 # one word per worker
  kill $(jobs -p) 2>/dev/null || true
  wait
  DIE_CODE=130 die 'interrupted' "$(self up N) goes on from here, $(self down) clears it away"
}

up_host() { # HOST
  if host_is_on "$1" && host_is_frozen "$1"; then
    note "$1 is frozen and stays so"
    return
  fi
  host_boot "$1"
  if host_has_engine "$1"; then
    engine_start "$1"
    images_load "$1"
  fi
}

# The first host founds the mesh; the others join through any member, with one token, all at once.
up_agents() { # HOST...
  local host members=() new=()
  for host in "$@"; do
    if host_is_frozen "$host"; then continue; fi
    if agent_is_member "$host"; then members+=("$host"); else new+=("$host"); fi
  done
  if [[ ${new[0]-} == h1 ]]; then
    agent_enrol h1 init
    members=(h1 "${members[@]}") new=("${new[@]:1}")
  fi
  install -m 600 "$DATA/h1/agent/admin.token" "$STATE/admin.token"
  parallel agent_start "${members[@]}"
  parallel agent_wait_ready "${members[@]}"
  if ((${#new[@]} > 0)); then
    (umask 077 && agent_token "${#new[@]}" >"$STATE/join.token")
    parallel up_join "${new[@]}"
    rm "$STATE/join.token"
  fi
}

up_join() { # HOST
  agent_enrol "$1" join --token-file "$STATE/join.token"
  agent_start "$1"
  agent_wait_ready "$1"
}

command_down() { # [--all]
  local name
  case ${1-} in
    '') down ;;
    --all)
      for name in $(cluster_names); do
        cluster_select "$name"
        down
      done
      rm -rf "$CACHE"
      rmdir "$DATA_ROOT" 2>/dev/null || true
      ;;
    *) usage_error "down does not understand '$1'" ;;
  esac
}

# Goes by what is there, not by what is written down, so that it clears a half-made or half-removed cluster too.
down() {
  local top=shoal-cluster
  [[ -d $STATE || -d $DATA || -d $CGROUP_FREEZER/$top/$CLUSTER ]] || return 0
  lock_made "$STATE"
  if switch_lives; then process_signal "$STATE/switch/init" KILL; fi # all cables out at once
  cgroup_sweep "$top/$CLUSTER"
  cgroup_remove "$top/$CLUSTER"
  rmdir /sys/fs/cgroup{,/*}/"$top" 2>/dev/null || true # unless other clusters live in it
  rm -rf "$DATA" "$STATE"
  rmdir "$STATE_ROOT" "$DATA_ROOT" 2>/dev/null || true
}
