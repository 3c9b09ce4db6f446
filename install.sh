#!/bin/sh
# Makes this machine a host of a Shoal mesh: installs what is missing (the Docker engine included), builds Shoal from
# this checkout, joins or starts a mesh, and keeps the agent running. Run again it changes nothing. See --help.
# shellcheck disable=SC2034 # the parts in scripts/install.d share these names
set -eu

readonly PREFIX=/opt/shoal ETC=/etc/shoal STATE=/var/lib/shoal LINK=/usr/local/bin/shoal
readonly UNIT=/etc/systemd/system/shoal.service ENGINE_SOCKET=/var/run/docker.sock
readonly READY_SECONDS=90
# What the agent reads from /etc/shoal/env. A value given in the environment or by a flag is written there and stays.
readonly SETTINGS='SHOAL_NAME SHOAL_ADVERTISE SHOAL_API_LISTEN SHOAL_MESH_LISTEN SHOAL_REGISTRY_LISTEN SHOAL_MIRROR_LISTEN
  SHOAL_PIECES_LISTEN SHOAL_IMAGES_QUOTA SHOAL_DOCKER_SOCKET SHOAL_MEMORY SHOAL_CPU SHOAL_RESERVE_MEMORY SHOAL_LABELS
  SHOAL_ZONE SHOAL_HOST_PORTS SHOAL_LOG_LEVEL HTTPS_PROXY HTTP_PROXY NO_PROXY'

help() {
  cat <<'HELP'
usage: sh install.sh [install|upgrade] [--join] [--advertise ADDRESS] [--name NAME] [--dry-run]
       sh install.sh uninstall [--purge] [--yes] [--dry-run]

  install              make this machine the first host of a new mesh, or with --join a host of one that exists;
                       run again it repairs what is missing and leaves the rest as it is
  upgrade              the same, after git pull: builds the new version, then restarts the agent; containers run on
  uninstall            stop the agent and remove it; containers run on, data stays in /var/lib/shoal

  --join               join with a token: a file named in SHOAL_TOKEN_FILE, or on standard input
  --advertise ADDRESS  the address of this host that other hosts reach, when it has several
  --name NAME          its name in the mesh (the machine's host name)
  --purge              uninstall: remove Shoal's containers and all data of this host too; volumes stay
  --yes                uninstall: do not ask
  --dry-run            say what would be done, and do nothing

Environment, kept in /etc/shoal/env (mode 0600) for the agent:
  SHOAL_NAME SHOAL_ADVERTISE        as the flags
  SHOAL_ZONE SHOAL_LABELS           where it is and what it has: zone name; KEY=VALUE,KEY=VALUE
  SHOAL_MEMORY SHOAL_CPU            what it offers (all it has); SHOAL_RESERVE_MEMORY: what it keeps for itself
  SHOAL_HOST_PORTS                  range of the ports that it chooses itself: FIRST-LAST
  SHOAL_LOG_LEVEL                   such as info or debug
  SHOAL_API_LISTEN                  address of the API (127.0.0.1:7420)
  SHOAL_MESH_LISTEN                 address for other hosts (0.0.0.0:7421)
  SHOAL_DOCKER_SOCKET               the engine's socket (/var/run/docker.sock)
  SHOAL_REGISTRY_LISTEN             the mesh's registry, for this machine (127.0.0.1:5000; off: none)
  SHOAL_MIRROR_LISTEN               the mirror of Docker Hub, for this machine (127.0.0.1:5001; off: none)
  SHOAL_PIECES_LISTEN               where other hosts take layers (0.0.0.0:7422)
  SHOAL_IMAGES_QUOTA                disk for layers, such as 50g (a quarter of the disk)
  HTTPS_PROXY HTTP_PROXY NO_PROXY   by which other registries are reached
Environment for this script:
  SHOAL_TOKEN_FILE                  file with the join token
  INSTALL_SHOAL_NODE_MODULES        a directory node_modules made by npm ci from the same package-lock.json,
                                    to install without a registry
  INSTALL_SHOAL_SKIP_START=true     install, but start neither the engine nor the agent

Needs root and Debian 12 or a relative of it. Whoever may use the Docker engine's socket is root on the machine, and so
is the agent. Exit codes: 0 done, 1 failed, 2 wrong usage.
HELP
}

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
die() { # CAUSE [NEXT]
  note "error: $1"
  [ -z "${2:-}" ] || note "next: $2"
  exit "${DIE_CODE:-1}"
}
usage_error() { DIE_CODE=2 die "$1" 'sh install.sh --help'; }

# Announces a change. False in a dry run: the caller skips it.
CHANGES=0
change() { # WHAT
  CHANGES=$((CHANGES + 1))
  if [ "$DRY_RUN" = yes ]; then
    say "would: $1"
    return 1
  fi
  say "- $1"
}

parse() {
  ACTION=install JOIN=no PURGE=no YES=no DRY_RUN=no
  while [ $# -gt 0 ]; do
    case $1 in
      install | upgrade | uninstall) ACTION=$1 ;;
      --join) JOIN=yes ;;
      --purge) PURGE=yes ;;
      --yes | -y) YES=yes ;;
      --dry-run) DRY_RUN=yes ;;
      --advertise=*) SHOAL_ADVERTISE=${1#*=} ;;
      --name=*) SHOAL_NAME=${1#*=} ;;
      --advertise | --name)
        [ $# -gt 1 ] || usage_error "$1 needs a value"
        if [ "$1" = --name ]; then SHOAL_NAME=$2; else SHOAL_ADVERTISE=$2; fi
        shift
        ;;
      -h | --help)
        help
        exit 0
        ;;
      *token* | *shoal1.*) usage_error 'a token on the command line is seen by everybody: name its file in SHOAL_TOKEN_FILE, or pipe it in' ;;
      *) usage_error "there is no option $1" ;;
    esac
    shift
  done
  [ "$PURGE" = no ] || [ "$ACTION" = uninstall ] || usage_error '--purge belongs to uninstall'
}

check_machine() {
  [ "$(id -u)" = 0 ] || die 'this needs root' "sudo sh $0 $ACTION"
  has apt-get || die "this is not Debian or a relative of it ($(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null))" \
    'install Docker and Node.js 24 yourself and run: shoal agent init, shoal agent run'
  case $(uname -m) in
    x86_64) ;;
    *) die "there is no packaged Node.js for $(uname -m) in this version" ;;
  esac
  [ -d "$SOURCE/agent" ] || die "$SOURCE is not a checkout of Shoal" 'git clone the repository and run its install.sh'
}

has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { [ -d /run/systemd/system ]; }

install_all() {
  check_machine
  RESTART=no
  TARGET=$PREFIX/$(sed -n 's/^ *"version": "\(.*\)",/\1/p' "$SOURCE/package.json")-$(source_hash)
  take_token
  install_requirements
  if has ip; then choose_address; else ADVERTISE=$(setting SHOAL_ADVERTISE '(to be chosen)'); fi
  build
  activate
  start_engine
  write_settings
  enrol
  install_service
  start_agent
  conclude
}

conclude() {
  if [ "$DRY_RUN" = yes ]; then
    say "$CHANGES changes would be made; nothing was done"
    return
  fi
  if [ "$CHANGES" = 0 ]; then
    say 'nothing to change: this host is installed, and its agent runs'
    return
  fi
  cat <<DONE

This host is '$(setting SHOAL_NAME '')' in the mesh, at $ADVERTISE.
  API          $(api_url)   (shoal on this host finds it by itself)
DONE
  if [ -e "$STATE/admin.token" ]; then
    say "  admin token  $STATE/admin.token   (keep it; it may do everything)"
  else
    say "  admin token  only on the first host; to use shoal here too, copy it to $STATE/admin.token (mode 0600)"
  fi
  cat <<DONE
  next host    here:  shoal token create --out join.token      copy join.token and this checkout to the next host
               there: sudo SHOAL_TOKEN_FILE=join.token ./install.sh --join
  first app    shoal deploy demo/hello --create-group --image nginx:alpine --memory 64m --replicas 2 -p 80
  look         shoal status
  uninstall    sh $PREFIX/current/install.sh uninstall
DONE
}

main() {
  SOURCE=$(cd "$(dirname "$0")" && pwd -P)
  parse "$@"
  for part in requirements version settings agent uninstall; do
    # shellcheck source=/dev/null
    . "$SOURCE/scripts/install.d/$part.sh"
  done
  CLEANUP=
  trap 'rm -rf $CLEANUP' EXIT
  case $ACTION in
    uninstall) uninstall_all ;;
    *) install_all ;;
  esac
}

main "$@"
