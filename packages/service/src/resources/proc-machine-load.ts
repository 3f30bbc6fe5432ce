/**
 * The load as Linux tells it under `/proc` and `/sys/fs/cgroup` (proc(5), the kernel's cgroup-v2 documentation); elsewhere
 * as Node knows it.
 *
 * Our own processor time is left out: a service that catches up uses a whole core, and must not wait for itself.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import type { LoadReading, MachineLoad } from './machine-load.ts';

/** Times since some moment, in milliseconds, summed over all cores. */
interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
  readonly ownMs: number;
}

export class ProcMachineLoad implements MachineLoad {
  readonly #root: string;
  #before: CpuTimes | undefined;

  /** @param root where `proc` and `sys` are; `/` but in tests. */
  constructor(root = '/') {
    this.#root = root;
  }

  async read(): Promise<LoadReading> {
    const [memory, group, io] = await Promise.all([
      this.#text('proc/meminfo'),
      this.#groupShare(),
      this.#text('proc/self/io'),
    ]);
    const memoryShare = Math.max(machineShare(memory), group ?? 0);
    return { cpuShare: this.#cpuShare(), memoryShare, writtenBytes: numberAfter(io, 'write_bytes:') };
  }

  #cpuShare(): number | undefined {
    const now = cpuTimes();
    const before = this.#before;
    this.#before = now;
    if (before === undefined || now.totalMs <= before.totalMs) return undefined;
    const othersMs = now.busyMs - before.busyMs - (now.ownMs - before.ownMs);
    return Math.min(1, Math.max(0, othersMs / (now.totalMs - before.totalMs)));
  }

  /** Of a container's limit; undefined without one. What can be thrown away when it is needed does not count. */
  async #groupShare(): Promise<number | undefined> {
    const [limit, used, stat] = await Promise.all(
      ['memory.max', 'memory.current', 'memory.stat'].map((name) => this.#text(`sys/fs/cgroup/${name}`)),
    );
    const limitBytes = Number.parseInt(limit ?? '', 10);
    const usedBytes = Number.parseInt(used ?? '', 10);
    if (!(limitBytes > 0) || !(usedBytes >= 0)) return undefined;
    return Math.max(0, usedBytes - (numberAfter(stat, 'inactive_file') ?? 0)) / limitBytes;
  }

  async #text(path: string): Promise<string | undefined> {
    return readFile(join(this.#root, path), 'utf8').catch(() => undefined);
  }
}

function cpuTimes(): CpuTimes {
  const totals = cpus().map(({ times }) => ({
    ...times,
    total: Object.values(times).reduce((sum, ms) => sum + ms, 0),
  }));
  const totalMs = totals.reduce((sum, { total }) => sum + total, 0);
  const idleMs = totals.reduce((sum, { idle }) => sum + idle, 0);
  const { user, system } = process.cpuUsage();
  // Without times of the cores, which some containers hide, the share is of what this process may use.
  if (totalMs === 0) return { busyMs: 0, totalMs: performance.now() * availableParallelism(), ownMs: 0 };
  return { busyMs: totalMs - idleMs, totalMs, ownMs: (user + system) / 1000 };
}

function machineShare(meminfo: string | undefined): number {
  const total = numberAfter(meminfo, 'MemTotal:');
  const available = numberAfter(meminfo, 'MemAvailable:');
  if (total === undefined || available === undefined || total === 0) return 1 - freemem() / totalmem();
  return 1 - available / total;
}

/** The number after a word at the beginning of a line. */
function numberAfter(text: string | undefined, word: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(word));
  const found = Number.parseInt(line?.slice(word.length).trim() ?? '', 10);
  return Number.isNaN(found) ? undefined : found;
}
