# shellcheck shell=bash
# The Shoal agent of a host. The cluster starts it once and never restarts it: a killed agent stays dead until told.

readonly SHOAL=${SHOAL_BIN:-$REPO/bin/shoal}

agent_require() {
  [[ -x $SHOAL ]] || die "there is no executable $SHOAL" 'name another in SHOAL_BIN, or use up --no-agent'
  if [[ -z ${SHOAL_BIN-} && ${SHOAL_SOURCE-} != 1 ]]; then (agent_build); fi
}

# Bundles this repository's agent, unless the bundle is newer than every source.
agent_build() {
  local sources=(agent protocol console scripts/build.ts package-lock.json) output
  lock -x "$REPO/scripts"
  cd "$REPO" || exit
  if [[ -f dist/build.json && -z $(find "${sources[@]}" -path console/dist -prune -o -newer dist/build.json -print) ]]; then return; fi
  output=$(npm run --silent build 2>&1) ||
    die "cannot build shoal:"$'\n'"$output" 'npm run build; or SHOAL_SOURCE=1 to run the sources as they are'
}

# What `exec` adds to the environment: shoal and docker at hand, pointed at this host.
host_environment() { # HOST
  cat <<ENV
DOCKER_HOST=unix://$(host_socket "$1")
PATH=$(dirname "$SHOAL"):$STATE/bin:$PATH
SHOAL_API=http://127.0.0.1:7420
SHOAL_TOKEN_FILE=$STATE/admin.token
ENV
}

agent_environment() { # HOST
  host_environment "$1"
  cat "$DATA/$1/offer" # SHOAL_MEMORY and SHOAL_CPU; docker info would report this whole machine
  cat <<ENV
SHOAL_RESERVE_MEMORY=0
SHOAL_IMAGES_QUOTA=${SHOAL_IMAGES_QUOTA:-4g}
SHOAL_DOCKER_SOCKET=$(host_socket "$1")
SHOAL_API_LISTEN=127.0.0.1:7420
SHOAL_MESH_LISTEN=0.0.0.0:7421
SHOAL_ADVERTISE=$(host_address "$1")
SHOAL_NAME=$1
ENV
}

# Runs "shoal ARGUMENTS" inside HOST.
agent_shoal() { # HOST ARGUMENTS...
  local environment
  mapfile -t environment < <(agent_environment "$1")
  (host_enter "$1" exec env "${environment[@]}" "$SHOAL" "${@:2}")
}

agent_is_member() { [[ -f $DATA/$1/member ]]; }

# Makes HOST a member by "agent init" or "agent join". One that was interrupted half-way starts over.
agent_enrol() { # HOST init|join [OPTION...]
  local host=$1 disk=$DATA/$1/agent
  rm -rf "$disk"
  mkdir -p "$disk"
  agent_shoal "$host" agent "$2" --data-dir "$disk" --name "$host" --advertise "$(host_address "$host")" "${@:3}" \
    >>"$DATA/$host/agent.log" 2>&1 || agent_failed "$host" "cannot $2"
  : >"$DATA/$host/member"
}

agent_start() { # HOST
  local host=$1 environment
  if ! process_lives "$STATE/$host/agent"; then
    cgroup_sweep "$(cgroup_of "$host")/agent" # what a killed agent left running
    mapfile -t environment < <(agent_environment "$host")
    # The hosts have no way out: a proxy of this machine is none of theirs.
    host_spawn "$host" agent env -u HTTP_PROXY -u HTTPS_PROXY -u NO_PROXY -u http_proxy -u https_proxy -u no_proxy \
      "${environment[@]}" "$SHOAL" agent run --data-dir "$DATA/$host/agent"
    wait_until 5 process_lives "$STATE/$host/agent" || agent_failed "$host" 'does not start'
  fi
}

# Live: its API is up. Ready: it is a connected member too, and its engine answers, if the host has one.
agent_wait_live() { agent_wait "$1" livez; }
agent_wait_ready() { agent_wait "$1" "$(agent_readiness "$1")"; }
agent_readiness() { if host_has_engine "$1"; then echo readyz; else echo livez; fi; } # HOST

agent_wait() { # HOST livez|readyz
  wait_until 60 agent_answers_or_ended "$@" || true
  agent_answers "$@" || agent_failed "$1" "does not answer 200 to /$2"
}

agent_answers_or_ended() { agent_answers "$@" || process_gone "$STATE/$1/agent"; }

agent_answers() { # HOST livez|readyz
  host_net "$1" curl --silent --fail --max-time 2 "http://127.0.0.1:7420/$2" >/dev/null
}

agent_failed() { # HOST HOW
  tail -n 5 "$DATA/$1/agent.log" >&2
  die "the agent of $1 $2" "$(self logs "$1" agent)"
}

# Prints a token good for all of HOSTS, made by any member that runs.
agent_token() { # USES
  local host
  for host in $(host_names); do
    if agent_is_member "$host" && ! host_is_frozen "$host" &&
      agent_answers "$host" "$(agent_readiness "$host")"; then
      agent_shoal "$host" token create --uses "$1" --expires 1h --json | jq --raw-output --exit-status .token
      return
    fi
  done
  die 'no member is ready to let the new hosts in' "$(self status)"
}
