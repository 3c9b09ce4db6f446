# shellcheck shell=bash
# What is wrong with the network, kept as one file of wishes and applied to the switch. The hosts cannot see or undo
# it, and it outlives their power cuts. Lines of $STATE/switch/conditions:
#   down HOST | drop FROM TO | loss HOST PERCENT | limit HOST RATE

network_conditions() { cat "$STATE/switch/conditions" 2>/dev/null || true; }

# Replaces the lines that match REGEX by LINE... and applies the file.
network_set() { # REGEX [LINE...]
  local regex=$1 lines
  shift
  lines=$(network_conditions | grep -vxE "$regex" || true)
  printf '%s\n' ${lines:+"$lines"} "$@" >"$STATE/switch/conditions.new"
  mv "$STATE/switch/conditions.new" "$STATE/switch/conditions"
  network_apply_rules
}

# Drops are rules for packets that the bridge forwards, so they hold for the hosts' containers and overlays too.
network_apply_rules() {
  local rules
  rules=$(network_rules)
  switch_run iptables-restore <<<"$rules"
  switch_run ip6tables-restore <<<"$rules"
}

network_rules() {
  local what host value
  echo '*filter'
  echo ':FORWARD ACCEPT'
  while read -r what host value; do
    case $what in
      drop) echo "-A FORWARD -m physdev --physdev-in $host --physdev-out $value -j DROP" ;;
      loss)
        value=$((value / 100)).$(printf %02d $((value % 100)))
        echo "-A FORWARD -m physdev --physdev-in $host -m statistic --mode random --probability $value -j DROP"
        echo "-A FORWARD -m physdev --physdev-out $host -m statistic --mode random --probability $value -j DROP"
        ;;
    esac
  done < <(network_conditions)
  echo COMMIT
}

network_link() { if network_conditions | grep -qx "down $1"; then echo down; else echo up; fi; } # HOST

# Prints HOST's bandwidth limit, if it has one.
network_limit() { network_conditions | sed -n "s/^limit $1 //p"; } # HOST

# The same limit for what HOST receives (sent by the switch's port) and what it sends (by its own).
network_apply_limit() { # HOST RATE
  local shape=(root tbf rate "$2" burst 256kb latency 50ms)
  switch_run tc qdisc replace dev "$1" "${shape[@]}"
  host_net "$1" tc qdisc replace dev eth0 "${shape[@]}"
}

network_remove_limit() { # HOST
  switch_run tc qdisc del dev "$1" root 2>/dev/null || true
  host_net "$1" tc qdisc del dev eth0 root 2>/dev/null || true
}
