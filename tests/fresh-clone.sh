#!/usr/bin/env bash
# Runs the two commands of the README as a stranger would: an ordinary user, an empty home, a fresh clone, and the Node
# that the machine has. Needs to be root, to become that user.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
user=edgewood-stranger

id "$user" > /dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
git clone --quiet "$source" "$home/edgewood"
chown -R "$user" "$home"

# Only what a login gives: no node_modules of ours on the PATH, no settings but the machine's own npm configuration.
npm_settings=$(npm config get userconfig)
[ -f "$npm_settings" ] && install -o "$user" -m 600 "$npm_settings" "$home/.npmrc"
runuser -u "$user" -- env -i HOME="$home" PATH=/usr/local/bin:/usr/bin:/bin CI="${CI:-}" NO_COLOR=1 \
  bash -c 'cd "$HOME/edgewood" && node --version && npm --version && npm run --silent demo && npm run --silent build && npx edgewood --version'
