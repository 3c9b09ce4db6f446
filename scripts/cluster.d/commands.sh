# shellcheck shell=bash
# The commands for one host.

command_names() { host_names; }

command_pid() { # HOST
  host_check_on "${1-}"
  host_pid "$1"
}

command_ip() { # HOST
  host_check "${1-}"
  host_address "$1"
}

command_env() { # HOST
  local line
  host_check "${1-}"
  host_environment "$1" | while IFS= read -r line; do printf 'export %s=%q\n' "${line%%=*}" "${line#*=}"; done
}

command_exec() { # HOST -- COMMAND...
  local host=${1-} environment
  # shellcheck disable=SC2034 # for die
  DIE_CODE=125
  host_check_runs "$host"
  shift
  if [[ ${1-} == -- ]]; then shift; fi
  (($# > 0)) || usage_error "exec $host needs a command"
  mapfile -t environment < <(host_environment "$host")
  host_enter "$host" exec env "${environment[@]}" "$@"
}

command_logs() { # HOST agent|engine|registry [-f]
  host_check "${1-}"
  unit_check "$1" "${2-}"
  [[ -f $DATA/$1/$2.log ]] || die "the $2 of $1 has not run yet" "$(self start "$1" "$2")"
  if [[ ${3-} == -f ]]; then exec tail -n +1 --follow=name "$DATA/$1/$2.log"; else cat "$DATA/$1/$2.log"; fi
}

command_off() { # HOST
  host_check "${1-}"
  lock_part "$1"
  host_off "$1"
}

command_on() { # HOST
  local unit
  host_check "${1-}"
  lock_part "$1"
  switch_lives || die 'its switch is gone' "$(self up N)"
  ! host_is_frozen "$1" || host_check_runs "$1"
  host_boot "$1"
  for unit in $(host_units "$1"); do
    if [[ $unit != agent ]] || agent_is_member "$1"; then unit_start "$1" "$unit"; fi
  done
}

command_freeze() { # HOST
  host_check_on "${1-}"
  lock_part "$1"
  cgroup_set_frozen "$(cgroup_of "$1")" yes
  wait_until 10 host_is_frozen "$1" || die "$1 does not freeze" 'a process in it waits for the disk: try again'
}

command_thaw() { # HOST
  host_check_on "${1-}"
  lock_part "$1"
  cgroup_set_frozen "$(cgroup_of "$1")" no
}

unit_check() { # HOST agent|engine|registry
  local units
  units=$(host_units "$1")
  [[ " $units " == *" ${2:-?} "* ]] || usage_error "on $1 there is no '$2', but: $units"
}

command_kill() { # HOST agent|engine|registry [SIGNAL]
  local signal=${3-KILL}
  host_check_runs "${1-}"
  unit_check "$1" "${2-}"
  kill -l "$signal" >/dev/null 2>&1 || usage_error "there is no signal $signal"
  lock_part "$1"
  process_signal "$STATE/$1/$2" "$signal" || die "the $2 of $1 does not run" "$(self start "$1" "$2")"
  if [[ ${signal#SIG} == KILL || $signal == 9 ]]; then
    wait_until 5 process_gone "$STATE/$1/$2" || die "the $2 of $1 does not die" "$(self off "$1")"
  fi
}

command_start() { # HOST agent|engine|registry
  host_check_runs "${1-}"
  unit_check "$1" "${2-}"
  lock_part "$1"
  unit_start "$1" "$2"
}

unit_start() { # HOST agent|engine|registry
  case $2 in
    agent)
      agent_is_member "$1" || die "$1 has no agent" "$(self up N), which gives every host one"
      agent_start "$1"
      agent_wait_live "$1"
      ;;
    engine) engine_start "$1" ;;
    registry) registry_start ;;
  esac
}

# Politely, and when that takes too long, not.
unit_stop() { # HOST agent|engine|registry
  process_signal "$STATE/$1/$2" TERM || true
  wait_until 15 process_gone "$STATE/$1/$2" || process_signal "$STATE/$1/$2" KILL || true
  wait_until 5 process_gone "$STATE/$1/$2" || die "the $2 of $1 does not die" "$(self off "$1")"
}

command_restart() { # HOST agent|engine|registry
  host_check_runs "${1-}"
  unit_check "$1" "${2-}"
  lock_part "$1"
  unit_stop "$1" "$2"
  unit_start "$1" "$2"
}
