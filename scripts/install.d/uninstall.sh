# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with install.sh
# Part of install.sh: the way back.

uninstall_all() {
  [ "$(id -u)" = 0 ] || die 'this needs root' "sudo sh $0 uninstall"
  if [ "$YES" = no ] && [ "$DRY_RUN" = no ]; then
    note "This removes Shoal from this machine$([ "$PURGE" = no ] || echo ', with its containers and data')."
    [ -t 0 ] || die 'nobody is there to agree' 'repeat it with --yes'
    printf 'Go on? [y/N] ' >&2
    read -r answer
    case $answer in y | Y | yes) ;; *) die 'nothing was changed' ;; esac
  fi
  if agent_runs && change 'stop the agent'; then
    if has_systemd; then systemctl stop shoal.service; else supervise --stop shoal; fi
  fi
  if [ -e "$UNIT" ] && change "remove $UNIT"; then
    systemctl disable --quiet shoal.service 2>/dev/null || :
    rm -f "$UNIT"
    ! has_systemd || systemctl daemon-reload
  fi
  [ "$PURGE" = no ] || purge
  # Without systemd the engine is kept by a part of ours: it runs on, but nothing restarts it.
  if { [ -e "$PREFIX" ] || [ -L "$LINK" ]; } && change "remove $PREFIX and $LINK"; then rm -rf "$PREFIX" "$LINK"; fi
  if [ "$CHANGES" = 0 ]; then
    say 'nothing to remove'
  elif [ "$DRY_RUN" = yes ]; then
    say 'nothing was done'
  elif [ "$PURGE" = no ]; then
    say "containers run on; data stays in $STATE and settings in $ETC (install.sh uses them again; --purge removes them)"
  fi
}

purge() {
  ids=$(docker -H "unix://$(engine_socket)" ps -aq --filter label=shoal.container 2>/dev/null || :)
  if [ -n "$ids" ] && change "remove its containers ($(printf '%s\n' "$ids" | wc -l)); volumes stay"; then
    # shellcheck disable=SC2086
    docker -H "unix://$(engine_socket)" rm -f $ids >/dev/null
  fi
  for path in "$STATE" "$ETC" /var/log/shoal; do
    if [ -e "$path" ] && change "remove $path"; then rm -rf "$path"; fi
  done
}
