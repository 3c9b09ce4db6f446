# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with install.sh
# Part of install.sh: what the agent is told: its name, its address, its limits.

# A setting: from a flag or the environment, else as it was, else the default.
setting() { # NAME DEFAULT
  eval "value=\${$1:-}"
  [ -n "$value" ] || value=$(sed -n "s/^$1=//p" "$ETC/env" 2>/dev/null | tail -n 1)
  printf '%s' "${value:-$2}"
}

# Addresses of this machine that other machines could reach.
addresses() {
  ip -o addr show scope global 2>/dev/null | awk '
    $2 !~ /^(docker|br-|veth|virbr|cni|flannel|shoal)/ { sub("/.*", "", $4); print ($3 == "inet" ? 0 : 1), $4, $2 }' |
    sort -s -n | cut -d ' ' -f 2-
}

default_address() {
  ip -o route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p'
}

# Only asks when it must: several addresses, none chosen, and a person to ask.
choose_address() {
  ADVERTISE=$(setting SHOAL_ADVERTISE '')
  [ -z "$ADVERTISE" ] || return 0
  found=$(addresses)
  [ -n "$found" ] || die 'this machine has no address that other hosts could reach' 'name one: --advertise ADDRESS'
  ADVERTISE=$(default_address)
  case $(printf '%s\n' "$found" | awk '$1 !~ /:/' | wc -l) in
    0 | 1) ADVERTISE=$(printf '%s\n' "$found" | sed -n '1s/ .*//p') && return ;;
  esac
  note 'This machine has several addresses. Other hosts reach it at one of them:'
  printf '%s\n' "$found" | sed 's/^\([^ ]*\) \(.*\)/  \1  on \2/' >&2
  if [ -t 0 ] && [ -t 2 ] && [ "$DRY_RUN" = no ]; then
    printf 'Which one? [%s] ' "$ADVERTISE" >&2
    read -r answer
    ADVERTISE=${answer:-$ADVERTISE}
  fi
  [ -n "$ADVERTISE" ] || die 'several addresses, and no default route that would choose one' 'name one: --advertise ADDRESS'
  printf '%s\n' "$found" | grep -q "^$ADVERTISE " || die "$ADVERTISE is not one of them" 'name one: --advertise ADDRESS'
  note "taking $ADVERTISE; to change it: sh install.sh --advertise ADDRESS"
}

write_settings() {
  name=$(setting SHOAL_NAME "$(hostname)" | sed 's/\..*//' | tr 'A-Z_' 'a-z-')
  wanted=$(
    for key in $SETTINGS; do
      case $key in
        SHOAL_NAME) value=$name ;;
        SHOAL_ADVERTISE) value=$ADVERTISE ;;
        SHOAL_API_LISTEN) value=$(setting "$key" 127.0.0.1:7420) ;;
        SHOAL_MESH_LISTEN) value=$(setting "$key" 0.0.0.0:7421) ;;
        SHOAL_DOCKER_SOCKET) value=$(engine_socket) ;;
        *) value=$(setting "$key" '') ;;
      esac
      [ -z "$value" ] || printf '%s=%s\n' "$key" "$value"
    done
    # What a person added stays.
    grep -vE "^($(printf '%s' "$SETTINGS" | tr -s ' \n' '|'))=" "$ETC/env" 2>/dev/null || :
  )
  [ "$wanted" != "$(cat "$ETC/env" 2>/dev/null)" ] || return 0
  change "write the settings to $ETC/env" || return 0
  mkdir -p "$ETC"
  (umask 077 && printf '%s\n' "$wanted" >"$ETC/env.new")
  mv "$ETC/env.new" "$ETC/env"
  RESTART=yes
}
