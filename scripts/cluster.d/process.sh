# shellcheck shell=bash
# Processes that outlive the command which started them. A record is a file with "PID STARTTIME": a pid is used again
# within minutes on a busy machine, the pair is not, so nothing is ever signalled by its pid alone.

# Is PID, started at STARTTIME (clock ticks since boot), still running? A zombie is not.
process_is() { # PID STARTTIME
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] && ${fields[19]} == "$2" ]]
}

# Prints the pid in RECORD if that very process runs.
process_pid() { # RECORD
  local pid start
  { read -r pid start <"$1"; } 2>/dev/null || return 1
  process_is "$pid" "$start" && echo "$pid"
}

process_lives() { process_pid "$1" >/dev/null; }
process_gone() { ! process_lives "$1"; }

process_signal() { # RECORD SIGNAL
  local pid
  pid=$(process_pid "$1") && kill -s "$2" "$pid"
}

# Makes this subshell fit to become a daemon: deaf to the caller's Ctrl-C until ./record gives it a session, output to
# LOG, none of our locks kept, and the machine's /proc on descriptor 8, from which ./record writes the record.
process_detach() { # LOG
  local fd
  trap '' INT
  for fd in /proc/"$BASHPID"/fd/*; do
    fd=${fd##*/}
    ((fd <= 2 || fd == 255)) || exec {fd}<&- # 255 is bash's own, closed by any exec
  done
  exec 8</proc </dev/null >>"$1" 2>&1
}

# For "sh -c": starts its arguments and ends at once. They are nobody's job then, and if it is the first process in a
# new pid namespace that starts them, they are its pid 1.
# shellcheck disable=SC2016,SC2034 # for that shell; in the other pieces
readonly IN_BACKGROUND='"$@" &'
