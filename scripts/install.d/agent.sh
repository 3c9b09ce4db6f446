# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with install.sh
# Part of install.sh: membership, and the agent as a service.

enrol() {
  [ ! -e "$ETC/member" ] || {
    [ "$JOIN" = no ] || note 'this host is a member already; the token was not used'
    return 0
  }
  if [ "$JOIN" = yes ]; then what='join the mesh'; else what='start a new mesh'; fi
  change "$what" || return 0
  (umask 077 && mkdir -p "$STATE")
  set -- --data-dir "$STATE" --name "$(setting SHOAL_NAME '')" --advertise "$ADVERTISE"
  status=0
  if [ "$JOIN" = yes ]; then
    with_settings "$LINK" agent join "$@" --token-file "$TOKEN_FILE" || status=$?
  else
    with_settings "$LINK" agent init "$@" || status=$?
  fi
  # 4 is any conflict, a taken name too; with this file it was a member before, and this script did not live to see it.
  [ "$status" = 0 ] || { [ "$status" = 4 ] && [ -e "$STATE/mesh.json" ]; } ||
    die "cannot $what" 'see above; then run the same again'
  date -u +%Y-%m-%dT%H:%M:%SZ >"$ETC/member"
  RESTART=yes
}

# The token comes from a file or a pipe, never from an argument, and is read before anything is installed.
take_token() {
  [ "$JOIN" = yes ] && [ ! -e "$ETC/member" ] || return 0
  TOKEN_FILE=${SHOAL_TOKEN_FILE:-}
  if [ -n "$TOKEN_FILE" ]; then
    [ -s "$TOKEN_FILE" ] || die "cannot read a token from $TOKEN_FILE" 'on a member: shoal token create --out FILE'
    return 0
  fi
  [ ! -t 0 ] || note 'paste the token, then press Enter:'
  TOKEN_DIR=$(mktemp -d)
  CLEANUP="$CLEANUP $TOKEN_DIR"
  TOKEN_FILE=$TOKEN_DIR/token
  (umask 077 && head -n 1 >"$TOKEN_FILE")
  [ -s "$TOKEN_FILE" ] || die '--join needs a token' 'SHOAL_TOKEN_FILE=FILE sh install.sh --join   (on a member: shoal token create)'
}

with_settings() { (
  while IFS= read -r line; do
    case $line in SHOAL_*=* | HTTPS_PROXY=* | HTTP_PROXY=* | NO_PROXY=*) export "${line?}" ;; esac
  done <"$ETC/env"
  "$@"
); }

supervise() { "$PREFIX/current/scripts/install.d/supervise" "$@"; }

agent_runs() {
  if has_systemd; then systemctl is-active --quiet shoal.service; else [ -e "$PREFIX/current" ] && supervise --status shoal; fi
}

install_service() {
  has_systemd || return 0
  wanted=$(cat "$SOURCE/scripts/install.d/shoal.service")
  if [ "$wanted" != "$(cat "$UNIT" 2>/dev/null)" ]; then
    if change "install the systemd unit $UNIT"; then
      printf '%s\n' "$wanted" >"$UNIT"
      systemctl daemon-reload
      RESTART=yes
    fi
  fi
  systemctl is-enabled --quiet shoal.service 2>/dev/null && return
  change 'start the agent at boot' || return 0
  systemctl enable --quiet shoal.service
}

start_agent() {
  ! skips_start || return 0
  if agent_runs; then
    [ "$RESTART" = yes ] || return 0
    change 'restart the agent (containers run on)' || return 0
    if has_systemd; then systemctl restart shoal.service; else supervise --stop shoal && start_supervised; fi
  else
    change 'start the agent' || return 0
    if has_systemd; then systemctl start shoal.service; else start_supervised; fi
  fi
  wait_for "$READY_SECONDS" agent_ready || die "the agent is not ready after $READY_SECONDS seconds: $(agent_state)" \
    'look at: journalctl -u shoal, or /var/log/shoal/shoal.log; then: shoal doctor'
}

start_supervised() {
  (umask 077 && with_settings supervise shoal "$PREFIX/current/bin/shoal" agent run --data-dir "$STATE")
  note 'note: without systemd nothing starts the agent after a reboot; run install.sh again then'
}

api_url() {
  listen=$(setting SHOAL_API_LISTEN 127.0.0.1:7420)
  case $listen in
    0.0.0.0:* | '[::]:'*) listen=127.0.0.1:${listen##*:} ;;
  esac
  printf 'http://%s' "$listen"
}

agent_ready() { curl -sf --max-time 5 "$(api_url)/readyz" >/dev/null 2>&1; }
agent_state() { curl -s --max-time 5 "$(api_url)/readyz" 2>/dev/null || echo 'its API does not answer'; }
