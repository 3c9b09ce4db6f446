# shellcheck shell=bash
# The switch: a bridge in a network namespace of its own, held by one sleeping process. Its ports are named after the
# hosts, so its rules read "in h1 out h2 drop". Nothing of it shows in this machine's own network.

switch_run() { nsenter --target "$(process_pid "$STATE/switch/init")" --net -- "$@"; }
switch_lives() { process_lives "$STATE/switch/init"; }
switch_has_port() { switch_run ip link show "$1" >/dev/null 2>&1; } # HOST

switch_up() {
  if [[ -f $STATE/switch/ready ]] && switch_lives; then return; fi
  switch_remove
  mkdir -p "$STATE/switch"
  cgroup_make switch
  (
    cgroup_join switch init
    process_detach "$STATE/switch/log"
    exec unshare --net -- sh -c "$IN_BACKGROUND" sh "$PIECES/record" "$STATE/switch/init" sleep infinity
  )
  wait_until 5 switch_lives || die "its switch does not start: $(<"$STATE/switch/log")"
  # A fixed address: by default a bridge takes its lowest port's, and changes it when that port leaves.
  switch_run ip -batch - <<IP
link set lo up
link add bridge address $(switch_mac 255) type bridge
link set bridge up
IP
  : >"$STATE/switch/ready"
}

switch_remove() {
  rm -f "$STATE"/switch/{ready,init}
  cgroup_sweep "$(cgroup_of switch)"
  cgroup_remove "$(cgroup_of switch)"
}

# Lays a cable from the switch to HOST (again), with the limit and the cut it had.
switch_plug() { # HOST
  local host=$1 limit
  switch_unplug "$host"
  # No default route: what a test reaches by mistake should fail at once.
  switch_run ip link add "$host" type veth peer name eth0 netns "$(host_pid "$host")" \
    address "$(switch_mac "$(host_number "$host")")"
  host_net "$host" ip -batch - <<IP
link set lo up
addr add $(host_address "$host")/24 dev eth0
link set eth0 up
IP
  limit=$(network_limit "$host")
  if [[ $limit ]]; then network_apply_limit "$host" "$limit"; fi
  # A cable is cut on the switch's side: a link that goes down inside the host loses routes it does not get back.
  switch_run ip link set "$host" master bridge "$(network_link "$host")"
}

switch_unplug() { # HOST
  if switch_lives; then switch_run ip link del "$1" 2>/dev/null || true; fi
}

# Fixed addresses: with a new one after each boot, peers would keep the old one in their ARP tables for seconds.
switch_mac() { # LAST-BYTE
  local a b c
  IFS=. read -r a b c <"$DATA/subnet"
  printf '02:78:%02x:%02x:%02x:%02x' "$a" "$b" "$c" "$1"
}

# Chooses a free subnet for a new cluster, the same for the same name as far as possible: 10.64.0 to 10.127.255.
switch_choose_subnet() {
  local hash subnet taken
  # Without /dev/null the first cluster of a machine, which finds no such file, would wait for its standard input.
  taken=$(cat /dev/null "$DATA_ROOT"/*/subnet 2>/dev/null; ip -4 -oneline addr show)
  read -r hash _ < <(printf %s "$CLUSTER" | cksum)
  for ((; ; hash++)); do
    subnet=10.$((64 + hash % 64)).$((hash / 64 % 256))
    [[ $taken == *"$subnet"* ]] || break
  done
  echo "$subnet" >"$DATA/subnet"
}
