#!/usr/bin/env bash
# Installs Bun and Deno, as npm ships them, below .edgewood/runtimes, for `npm run test:runtimes`. What is there is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=.edgewood/runtimes
if [ -f "$directory/installed" ]; then exit 0; fi
mkdir -p "$directory"
case "$(uname -m)" in
  aarch64) packages=(@oven/bun-linux-aarch64@1.4.5 @deno/linux-arm64-glibc@2.9.6) ;;
  *) packages=(@oven/bun-linux-x64@1.4.5 @deno/linux-x64-glibc@2.9.6) ;;
esac
npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error --prefix "$directory" "${packages[@]}"
chmod +x "$directory"/node_modules/@oven/*/bin/bun "$directory"/node_modules/@deno/*/deno
touch "$directory/installed"
