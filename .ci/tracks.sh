# Runs steps in tracks side by side; to be sourced by a script under `set -euo pipefail`.
#
#   pages()   { step 'links' check-links; step 'spelling' check-spelling; }
#   servers() { step 'faults' npm run test:faults; }
#   in_tracks pages servers
#
# Steps of one track run one after the other. A step's output is kept apart and printed whole, below its title, when the step
# ends. At the first step that fails all others are stopped, and the script ends with its exit code. Outside of `in_tracks`, or
# with EDGEWOOD_CI_TRACKS=1, one step runs at a time and its output comes as it is written.

step_outputs= # a folder, while steps run side by side
track_groups=()

# step <title> <command> [<argument> …]; in a track bash ignores `set -e` within a command that is a function.
step() {
  local title=$1 began=$SECONDS code=0 output
  shift
  if [ -z "$step_outputs" ]; then
    printf '\n=== %s (%s)\n' "$title" "$(now)"
    "$@"
    return
  fi
  output=$(mktemp "$step_outputs/step-XXXXXX")
  in_turn printf '\n--- %s begins (%s)\n' "$title" "$(now)"
  "$@" > "$output" 2>&1 < /dev/null || code=$?
  in_turn print_step "$title" "$((SECONDS - began))" "$code" "$output"
  return "$code"
}

# in_tracks <function> …: each is a track, and calls `step`.
in_tracks() {
  local track code=0
  if [ "${EDGEWOOD_CI_TRACKS:-}" = 1 ]; then
    for track in "$@"; do "$track"; done
    return
  fi
  step_outputs=$(mktemp -d)
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap stop_tracks EXIT
  set -m # each track becomes a process group, to be stopped as one
  for track in "$@"; do
    "$track" &
    track_groups+=("$!")
  done
  set +m
  for track in "$@"; do
    wait -n || { code=$?; break; }
  done
  stop_tracks
  trap - EXIT INT TERM
  return "$code"
}

now() { date -u +%H:%M:%S; }

# Steps that end at the same time print one after the other.
in_turn() { (flock 9 && "$@") 9> "$step_outputs/turn"; }

print_step() {
  local title=$1 seconds=$2 code=$3 output=$4
  printf '\n=== %s (%s, after %d s)\n' "$title" "$(now)" "$seconds"
  cat "$output"
  if [ "$code" != 0 ]; then printf '=== %s failed with exit code %d\n' "$title" "$code"; fi
}

# Ends what still runs in the tracks, at first by a request; twice does no harm.
stop_tracks() {
  local group tenths
  for group in "${track_groups[@]}"; do kill -TERM -- "-$group" 2> /dev/null || true; done
  for group in "${track_groups[@]}"; do
    for ((tenths = 0; tenths < 100; tenths++)); do
      kill -0 -- "-$group" 2> /dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$group" 2> /dev/null || true
  done
  track_groups=()
  rm -rf "$step_outputs"
  step_outputs=
}
