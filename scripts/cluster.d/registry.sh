# shellcheck shell=bash
# A registry that is not the mesh's, for pulls through it: Debian's docker-registry on a machine of its own, which hangs
# on the same switch and is cut, limited and switched off as a host is, but has neither engine nor agent. Every host
# knows it as registry.test; it speaks plain HTTP on port 5000, and its log has a line for each request.

readonly REGISTRY_NAME=registry.test REGISTRY_PORT=5000

command_registry() { # [off | --login USER:PASSWORD]
  local login=
  case ${1-} in
    '') ;;
    off) (($# == 1)) || usage_error 'registry off takes nothing more' ;;
    --login) [[ ${2-} =~ ^[^:]+:.+$ && $# == 2 ]] || usage_error '--login takes USER:PASSWORD' && login=$2 ;;
    *) usage_error "registry does not understand '$1'" ;;
  esac
  if [[ ${1-} == off ]]; then
    command_off registry
    return
  fi
  cluster_requirements
  lock_part registry
  switch_lives || die 'its switch is gone' "$(self up N)"
  registry_configure "$login"
  host_boot registry
  registry_start
  host_address registry
}

# Writes what the registry reads when it starts, and stops one that was started with something else.
registry_configure() { # LOGIN
  local disk=$DATA/registry known
  known=$(cat "$disk"/{config.yml,htpasswd} 2>/dev/null || true)
  mkdir -p "$disk/storage"
  (umask 077 && registry_users "$1" >"$disk/htpasswd")
  registry_settings "$1" >"$disk/config.yml"
  if [[ $known != "$(cat "$disk"/{config.yml,htpasswd})" ]]; then unit_stop registry registry; fi
}

registry_settings() { # LOGIN
  cat <<YAML
version: 0.1
log: {level: error}
storage:
  filesystem: {rootdirectory: $DATA/registry/storage}
  delete: {enabled: true}
http:
  addr: 0.0.0.0:$REGISTRY_PORT
YAML
  [[ -z $1 ]] || echo "auth: {htpasswd: {realm: $REGISTRY_NAME, path: $DATA/registry/htpasswd}}"
}

# It takes bcrypt only, which libcrypt knows and every Debian has through perl. One fixed salt: the same login is the
# same file.
registry_users() { # LOGIN
  # shellcheck disable=SC2016 # perl's variables
  [[ -z $1 ]] || perl -ne 'chomp; my ($user, $password) = split /:/, $_, 2;
    print "$user:", crypt($password, q{$2y$05$shoalshoalshoalshoalsh}), "\n"' <<<"$1"
}

registry_start() {
  if ! process_lives "$STATE/registry/registry"; then
    host_spawn registry registry docker-registry serve "$DATA/registry/config.yml"
    wait_until 5 process_lives "$STATE/registry/registry" || registry_failed 'does not start'
  fi
  wait_until 10 registry_answers_or_ended || true
  registry_answers || registry_failed 'does not answer'
}

registry_answers_or_ended() { registry_answers || process_gone "$STATE/registry/registry"; }

# Any answer will do: with a login it is 401.
registry_answers() {
  host_net registry curl --silent --max-time 2 --output /dev/null "http://127.0.0.1:$REGISTRY_PORT/v2/"
}

registry_failed() { # HOW
  tail -n 5 "$DATA/registry/registry.log" >&2
  die "the registry $1" "$(self logs registry registry)"
}
