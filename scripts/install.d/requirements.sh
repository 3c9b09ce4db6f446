# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with install.sh
# Part of install.sh: what Debian has, and a Docker engine that answers.

install_requirements() {
  missing=
  has curl || missing="$missing curl"
  has ip || missing="$missing iproute2"
  has setsid || missing="$missing util-linux"
  [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
  if needs_build && [ -z "${INSTALL_SHOAL_NODE_MODULES:-}" ]; then
    has node || missing="$missing nodejs"
    has npm || missing="$missing npm"
  fi
  engine_answers || has dockerd || missing="$missing docker.io"
  [ -n "$missing" ] || return 0
  change "install$missing from Debian" || return 0
  export DEBIAN_FRONTEND=noninteractive
  quietly apt-get update -q
  # shellcheck disable=SC2086
  quietly apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 $missing
}

# Shows the output of a command only when it fails.
quietly() {
  if ! output=$("$@" 2>&1); then
    note "$output"
    die "failed: $*" "mend the cause (see above), then run the same again; done steps are not repeated"
  fi
}

engine_socket() { setting SHOAL_DOCKER_SOCKET "$ENGINE_SOCKET"; }
engine_answers() { has curl && curl -sf --max-time 10 --unix-socket "$(engine_socket)" http://engine/_ping >/dev/null 2>&1; }

skips_start() { [ "${INSTALL_SHOAL_SKIP_START:-}" = true ]; }

start_engine() {
  if engine_answers || skips_start; then return; fi
  change 'start the Docker engine' || return 0
  if has_systemd; then
    systemctl enable --quiet --now docker.service
  else
    "$PREFIX/current/scripts/install.d/supervise" docker dockerd -H "unix://$(engine_socket)"
  fi
  wait_for 60 engine_answers ||
    die 'the Docker engine does not answer' 'look at: journalctl -u docker, or /var/log/shoal/docker.log'
}

wait_for() { # SECONDS CONDITION...
  deadline=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}
