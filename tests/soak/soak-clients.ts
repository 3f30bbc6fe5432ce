import { Agent, type IncomingMessage, request } from 'node:http';

/** What is asked, one after the other, over and over. */
const QUESTIONS = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/agents',
  '/api/models',
  '/api/anomalies?limit=20',
  '/api/incidents?limit=20',
  '/api/windows?agent=wifi&features=log_count&limit=500',
  '/api/windows?agent=silence&limit=500',
  '/api/logs?agent=wifi&limit=100',
  '/api/anomalies?min_severity=2',
  '/api/nothing',
];
/** Clients that listen to events all the time. */
const LISTENERS = 4;

export interface ClientCounts {
  questions: number;
  /** Event streams that were begun, and changes that came on them. */
  streams: number;
  changes: number;
}

/** Those who ask a service all the time, and listen to it; a pool of connections that does not grow. */
export class SoakClients {
  readonly counts: ClientCounts = { questions: 0, streams: 0, changes: 0 };
  /** What should not have been answered, or not in this way. */
  readonly problems: string[] = [];
  readonly #address: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 3 });
  readonly #listeners: Listener[] = [];

  constructor(address: string, token: string) {
    this.#address = address;
    this.#token = token;
  }

  /** Listens and asks until the signal comes. */
  async run(signal: AbortSignal): Promise<void> {
    for (let n = 0; n < LISTENERS; n += 1)
      this.#listeners.push(new Listener(this.#address, this.counts, this.problems));
    while (!signal.aborted) await this.askAll();
    for (const listener of this.#listeners) listener.leave();
    this.#agent.destroy();
  }

  /** Every question once. */
  async askAll(): Promise<void> {
    for (const path of QUESTIONS) await this.#ask('GET', path);
  }

  /** Changes something, with the token. */
  async tell(path: string, body?: object): Promise<void> {
    const status = await this.#ask('POST', path, body);
    if (status !== 200) this.problems.push(`POST ${path}: ${status}`);
  }

  /** One of those who listen goes away, and comes again where it was. */
  comeAgain(turn: number): void {
    this.#listeners[turn % LISTENERS]?.comeAgain();
  }

  #ask(method: string, path: string, body?: object): Promise<number> {
    this.counts.questions += 1;
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const asking = request(new URL(path, this.#address), { agent: this.#agent, method, headers }, (answer) => {
        const status = answer.statusCode ?? 0;
        answer
          .resume()
          .on('end', () => resolve(status))
          .on('error', reject);
        // 503 says that a service is not ready, or that its log source is away.
        if (status >= 500 && status !== 503) this.problems.push(`${method} ${path}: ${status}`);
      });
      asking.on('error', reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** A client of the event stream that knows the last event it has seen, and that none may be missing. */
class Listener {
  readonly #address: string;
  readonly #counts: ClientCounts;
  readonly #problems: string[];
  #lastId: number | undefined;
  #answer: IncomingMessage | undefined;
  #isGone = false;

  constructor(address: string, counts: ClientCounts, problems: string[]) {
    this.#address = address;
    this.#counts = counts;
    this.#problems = problems;
    this.#listen();
  }

  comeAgain(): void {
    this.#answer?.destroy();
    this.#listen();
  }

  leave(): void {
    this.#isGone = true;
    this.#answer?.destroy();
  }

  #listen(): void {
    this.#counts.streams += 1;
    const headers = this.#lastId === undefined ? {} : { 'last-event-id': String(this.#lastId) };
    const asking = request(new URL('/api/events', this.#address), { headers, agent: false }, (answer) => {
      if (answer.statusCode !== 200) this.#problems.push(`GET /api/events: ${answer.statusCode}`);
      if (this.#isGone) answer.destroy();
      this.#answer = answer;
      let rest = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('id: ')) this.#hear(Number(line.slice(4)));
      });
      answer.on('error', () => {}); // it went away by itself
    });
    asking.on('error', (error) => {
      if (!this.#isGone) this.#problems.push(`GET /api/events: ${error.message}`);
    });
    asking.end();
  }

  #hear(id: number): void {
    if (this.#lastId !== undefined && id !== this.#lastId + 1) {
      this.#problems.push(`after event ${this.#lastId} came ${id}`);
    }
    this.#lastId = id;
    this.#counts.changes += 1;
  }
}
