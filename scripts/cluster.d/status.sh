# shellcheck shell=bash
# status: what each host is like at this moment. It takes no lock.

command_status() { # [--json]
  local rows
  [[ -d $DATA ]] || die 'there is no such cluster' "$(self up 3)"
  case ${1-} in
    '')
      rows='%-8s %-15s %-6s %-5s %-7s %-6s %-9s %-7s %-9s %-5s %s\n'
      # shellcheck disable=SC2059 # the same format for the head and the rows
      printf "$rows" HOST ADDRESS POWER LINK ENGINE AGENT REGISTRY FROZEN LIMIT LOSS 'DEAF TO'
      # shellcheck disable=SC2059
      status_rows | while read -ra row; do printf "$rows" "${row[@]}"; done
      ;;
    --json) status_rows | jq --raw-input --null-input "$STATUS_JSON" ;;
    *) usage_error "status does not understand '$1'" ;;
  esac
}

# shellcheck disable=SC2016 # jq's variables
readonly STATUS_JSON='[inputs | split(" ") | map(if . == "-" then null else . end) | {
  host: .[0], address: .[1], power: .[2], link: .[3], engine: .[4], agent: .[5], registry: .[6],
  frozen: (.[7] == "yes"), limit: .[8], lossPercent: ((.[9] // "0%") | rtrimstr("%") | tonumber),
  deafTo: ((.[10] // "") | split(","))
}]'

# One line for each host, in order, made side by side; "-" stands for nothing.
status_rows() {
  local host rows
  rows=$(for host in $(machine_names); do status_row "$host" & done && wait)
  sort -V <<<"$rows"
}

status_row() { # HOST
  local host=$1 power=off engine=down agent=down registry=- frozen=no limit loss deaf
  host_has_engine "$host" || engine=none
  agent_is_member "$host" || agent=none
  if [[ $host == registry ]]; then engine=- agent=- registry=down; fi
  if host_is_on "$host"; then
    power=on
    if host_is_frozen "$host"; then frozen=yes; fi
    if process_lives "$STATE/$host/engine"; then
      engine=hung
      if [[ $frozen == no ]] && engine_answers "$host"; then engine=up; fi
    fi
    if process_lives "$STATE/$host/registry"; then
      registry=hung
      if [[ $frozen == no ]] && registry_answers; then registry=up; fi
    fi
    if process_lives "$STATE/$host/agent"; then agent=$(status_agent "$host" "$frozen"); fi
  fi
  limit=$(network_limit "$host")
  loss=$(network_conditions | sed -n "s/^loss $host \(.*\)/\1%/p")
  deaf=$(network_conditions | sed -n "s/^drop \(.*\) $host$/\1/p" | sort -V | paste -sd,)
  echo "$host $(host_address "$host") $power $(network_link "$host") $engine $agent $registry" \
    "$frozen ${limit:--} ${loss:--} ${deaf:--}"
}

status_agent() { # HOST FROZEN
  if [[ $2 == yes ]]; then
    echo hung
  elif agent_answers "$1" readyz; then
    echo ready
  elif agent_answers "$1" livez; then
    echo live
  else
    echo hung
  fi
}
