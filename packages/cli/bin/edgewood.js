#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `edgewood: needs Node 22.18 or newer, this is ${process.version}; in a clone use npx edgewood\n`,
  );
  process.exitCode = 1;
} else if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('edgewood: not built yet; run npm run build in the clone\n');
  process.exitCode = 1;
} else {
  const { runCommand } = await import(main.href);
  process.exitCode = await runCommand(process.argv);
}
