# shellcheck shell=bash
# The Docker engine of a host: a real dockerd with its own containerd, on the host's disk.

engine_start() { # HOST
  local host=$1 live_restore=() socket
  socket=$(host_socket "$host")
  if ! process_lives "$STATE/$host/engine"; then
    wait_until 10 engine_is_gone "$host" || die "a containerd of $host does not end" "$(self off "$host")"
    rm -f "$socket" "/proc/$(host_pid "$host")/root/run/docker.pid"
    if [[ -f $DATA/$host/live-restore ]]; then live_restore=(--live-restore); fi
    host_spawn "$host" engine /usr/sbin/dockerd --host "unix://$socket" --data-root "$DATA/$host/docker" \
      --exec-root /run/docker --pidfile /run/docker.pid --exec-opt native.cgroupdriver=cgroupfs \
      --cgroup-parent "/$(cgroup_of "$host")/docker" "${live_restore[@]}"
    wait_until 5 process_lives "$STATE/$host/engine" || engine_failed "$host" 'does not start'
  fi
  wait_until 30 engine_answers_or_ended "$host" || true
  engine_answers "$host" || engine_failed "$host" 'does not answer'
}

engine_answers_or_ended() { engine_answers "$1" || process_gone "$STATE/$1/engine"; }

# The socket appears before the engine is ready and holds a request until then, so few requests are needed.
engine_answers() { # HOST
  [[ -S $(host_socket "$1") ]] &&
    curl --silent --fail --max-time 1 --unix-socket "$(host_socket "$1")" http://engine/_ping >/dev/null
}

engine_failed() { # HOST HOW
  tail -n 5 "$DATA/$1/engine.log" >&2
  die "the engine of $1 $2" "$(self logs "$1" engine)"
}

# Its containerd ends a moment after a killed dockerd; a new dockerd that still meets it would take it for its own.
engine_is_gone() { # HOST
  local pid
  for pid in $(cgroup_pids "$(cgroup_of "$1")/engine"); do
    case $(cat "/proc/$pid/comm" 2>/dev/null) in dockerd | containerd) return 1 ;; esac
  done
}
