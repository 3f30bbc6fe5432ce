import type { ServiceLog } from '../tell-events.ts';

/**
 * What a third party's agent prints goes to the service's log, a line each, and not more than a certain amount until the
 * amount is renewed; the rest is counted and dropped.
 */
export class AgentOutput {
  readonly #agent: string;
  readonly #log: ServiceLog;
  readonly #mostLength: number;
  #leftLength: number;
  #droppedLength = 0;
  #line = '';

  /** @param mostLength in characters. */
  constructor(agent: string, log: ServiceLog, mostLength: number) {
    this.#agent = agent;
    this.#log = log;
    this.#mostLength = mostLength;
    this.#leftLength = mostLength;
  }

  write(text: string): void {
    const kept = text.slice(0, this.#leftLength);
    this.#leftLength -= kept.length;
    this.#droppedLength += text.length - kept.length;
    const [last = '', ...lines] = `${this.#line}${kept}`.split('\n').reverse();
    this.#line = last;
    for (const line of lines.reverse()) this.#tell(line);
  }

  /** Says what is left, also of a line that did not end, and begins to count anew. */
  renew(): void {
    this.#tell(this.#line);
    if (this.#droppedLength > 0) {
      const agent = this.#agent;
      this.#log.warn({ agent }, `${agent} printed ${this.#droppedLength} more characters, which are not shown`);
    }
    this.#line = '';
    this.#droppedLength = 0;
    this.#leftLength = this.#mostLength;
  }

  #tell(line: string): void {
    const agent = this.#agent;
    if (line.trim() !== '') this.#log.info({ agent }, `${agent} printed: ${line.trimEnd()}`);
  }
}
