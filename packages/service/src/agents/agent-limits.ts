import type { Backoff } from '../backoff.ts';

/** What a third party's agent may use. */
export interface AgentLimits {
  /** Loading, its options included, in milliseconds. */
  readonly loadMs: number;
  /** Between attempts at loading what could not be loaded. */
  readonly reload: Backoff;
  /** All windows of one slot, in milliseconds; the cycle's limit holds as well. */
  readonly slotMs: number;
  /** Memory of its JavaScript objects, in MB. */
  readonly heapMb: number;
  /** Memory of its whole process, in MB; checked on Linux. */
  readonly processMb: number;
  /** Findings of one window that are looked at; the worst are. */
  readonly findings: number;
  /** Its answer about one window, in characters of JSON. */
  readonly answerLength: number;
  /** What it remembers of one device, in characters of JSON. */
  readonly deviceMemoryLength: number;
  /** What it remembers altogether, in characters of JSON. */
  readonly memoryLength: number;
  /** What it prints from one slot to the next, in characters; the rest is counted. */
  readonly outputLength: number;
}

export const AGENT_LIMITS: AgentLimits = {
  loadMs: 30_000,
  reload: { firstMs: 5_000, longestMs: 300_000 },
  slotMs: 30_000,
  heapMb: 128,
  processMb: 256,
  findings: 20,
  answerLength: 1_000_000,
  deviceMemoryLength: 16_000,
  memoryLength: 900_000,
  outputLength: 4_000,
};
