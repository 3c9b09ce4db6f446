# shellcheck shell=bash
# The commands that spoil and mend the network. They write the switch's conditions, see network.sh.

command_cut() { # [--one-way] HOST [PEER]
  local one_way=
  if [[ ${1-} == --one-way ]]; then one_way=yes && shift; fi
  faults_check "$@"
  case $one_way$# in
    1)
      network_set "down $1" "down $1"
      if host_is_on "$1"; then switch_run ip link set "$1" down; fi
      ;;
    2) network_set "drop ($1 $2|$2 $1)" "drop $1 $2" "drop $2 $1" ;;
    yes2) network_set "drop $1 $2" "drop $1 $2" ;;
    *) usage_error 'cut takes HOST, HOST PEER, or --one-way HOST PEER' ;;
  esac
}

command_heal() { # [HOST [PEER]]
  local host
  faults_check "$@"
  case $# in
    0)
      network_set '(down|drop|loss) .*'
      for host in $(machine_names); do heal_cable "$host"; done
      ;;
    1)
      network_set "down $1"
      heal_cable "$1"
      ;;
    2) network_set "drop ($1 $2|$2 $1)" ;;
    *) usage_error 'heal takes HOST, HOST PEER, or nothing' ;;
  esac
}

heal_cable() { # HOST
  if host_is_on "$1"; then switch_run ip link set "$1" up; fi
}

command_loss() { # HOST PERCENT
  [[ ${2-} =~ ^(0|[1-9][0-9]?|100)$ ]] || usage_error 'loss takes HOST and a whole number from 0 to 100'
  faults_check "$1"
  if [[ $2 == 0 ]]; then network_set "loss $1 .*"; else network_set "loss $1 .*" "loss $1 $2"; fi
}

command_limit() { # HOST RATE|none
  [[ ${2-} =~ ^([0-9]+(bit|kbit|mbit|gbit)|none)$ ]] || usage_error 'limit takes HOST and 50mbit or such, or none'
  faults_check "$1"
  if [[ $2 == none ]]; then network_set "limit $1 .*"; else network_set "limit $1 .*" "limit $1 $2"; fi
  host_is_on "$1" || return 0
  if [[ $2 == none ]]; then network_remove_limit "$1"; else network_apply_limit "$1" "$2"; fi
}

# The named hosts exist, the switch works, and nobody else turns its knobs.
faults_check() { # HOST...
  local host
  for host in "$@"; do host_check "$host"; done
  lock_part switch
  switch_lives || die 'its switch is gone' "$(self up N)"
}
