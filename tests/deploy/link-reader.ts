/** A process that reads through a link as fast as it can, to see whether it is ever without a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const READ = `
  const { readFileSync } = require('node:fs');
  const [path, ...words] = process.argv.slice(1);
  const [found, whole] = [{ reads: 0, failures: [] }, new Set(words.map((word) => word.repeat(10_000)))];
  let isOver = false;
  process.stdin.on('end', () => (isOver = true)).resume();
  const turn = () => {
    for (let n = 0; n < 50; n++) {
      found.reads += 1;
      try {
        if (!whole.has(readFileSync(path, 'utf8'))) found.failures.push('not whole');
      } catch (error) {
        found.failures.push(error.message);
      }
    }
    if (!isOver) return setImmediate(turn);
    process.stdout.write(JSON.stringify({ reads: found.reads, failures: found.failures.slice(0, 10) }));
  };
  process.stderr.write('begun');
  turn();
`;

export interface LinkReader {
  /** Ends it and tells how often it has read, and the first failures. May be called again. */
  stop(): Promise<{ readonly reads: number; readonly failures: readonly string[] }>;
}

/** @param words the files behind the link hold one of these words, ten thousand times. */
export async function startLinkReader(path: string, words: readonly string[]): Promise<LinkReader> {
  const child = spawn(process.execPath, ['-e', READ, path, ...words], { stdio: 'pipe' });
  let told = '';
  child.stdout.on('data', (text) => {
    told += text;
  });
  const closed = once(child, 'close');
  await once(child.stderr, 'data');
  return {
    stop: async () => {
      child.stdin.end();
      await closed;
      return JSON.parse(told);
    },
  };
}
