/** What a person sees of deployments while they go on: a line for each step that is done, and on a terminal a moving one. */
import { styleText } from 'node:util';
import type { DeploymentProgress } from '@edgewood/deployer';
import { formatNumber, printable } from './terminal.ts';

/** The moving line is drawn at most this often while bytes arrive, in milliseconds. */
const REDRAW_MS = 100;
/** Names of steps are this wide. */
const STEP_WIDTH = 9;

/** Where progress is written to: standard error. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export class DeployProgress {
  readonly #stream: ProgressStream;
  /** Then its name need not be said again and again. */
  readonly #isOne: boolean;
  readonly #nameWidth: number;
  /** What each target is about at the moment. */
  readonly #current = new Map<string, string>();
  #drawnAtMs = 0;

  /** @param names of all targets. */
  constructor(names: readonly string[], stream: ProgressStream = process.stderr) {
    this.#stream = stream;
    this.#isOne = names.length === 1;
    this.#nameWidth = Math.max(0, ...names.map((name) => name.length));
  }

  /** Shows what a target's deployment tells. */
  tell(name: string, progress: DeploymentProgress): void {
    const { step, state, note } = progress;
    if (state === 'done') this.#line(name, '✓', 'green', step, note);
    else if (step === 'roll-back') this.#line(name, '✗', 'red', 'failed', note);
    else if (step === 'reconnect') this.#line(name, '↻', 'yellow', step, note);
    else if (step === 'clear-up') this.#line(name, '·', 'yellow', step, note);
    const isMoving =
      state === 'goes-on' && progress.sentBytes !== undefined && progress.sentBytes < (progress.totalBytes ?? 0);
    this.#current.set(name, state === 'goes-on' ? `${step}${amountText(progress)}` : step);
    this.#draw(isMoving);
  }

  /** A target is through. */
  end(name: string): void {
    this.#current.delete(name);
    this.#draw(false);
  }

  #line(name: string, mark: string, color: 'green' | 'red' | 'yellow', step: string, note: string): void {
    const shown = styleText(color, mark, { stream: this.#stream, validateStream: true });
    const prefix = this.#isOne ? '' : `${name.padEnd(this.#nameWidth)} `;
    const text = `${prefix}${shown} ${step.padEnd(STEP_WIDTH)} ${printable(note)}`;
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[K' : ''}${text.trimEnd()}\n`);
  }

  #draw(isMoving: boolean): void {
    if (this.#stream.isTTY !== true) return;
    const nowMs = Date.now();
    if (isMoving && nowMs - this.#drawnAtMs < REDRAW_MS) return;
    if (isMoving) this.#drawnAtMs = nowMs;
    const parts = [...this.#current].map(([name, what]) => (this.#isOne ? what : `${name} ${what}`));
    const text = printable(parts.join(', ').replaceAll('\n', ' '));
    this.#stream.write(`\r\x1b[K${text.slice(0, Math.max(0, (this.#stream.columns ?? 80) - 1))}`);
  }
}

function amountText({ sentBytes, totalBytes, note }: DeploymentProgress): string {
  if (sentBytes === undefined || totalBytes === undefined) return note === '' ? '' : `: ${note}`;
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * sentBytes) / totalBytes);
  return ` ${percent}% of ${formatNumber(totalBytes)} bytes`;
}
