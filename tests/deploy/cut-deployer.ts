/** One deployer after another whose line to the sshd is cut at a byte of choice, each with a target of its own. */
import type { DeploymentResult } from '@edgewood/deployer';
import { type Cut, type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import type { BenchTarget, DeployBench } from './deploy-bench.ts';
import { deployUnwatched, type UnwatchedOptions } from './deploy-unwatched.ts';

/** Whoever is cut: twenty seconds of lease, in truth. */
const FIRST = { times: 20, leaseSeconds: 400 };
/** Whoever comes after it, and waits for that lease two seconds, in truth. */
const SECOND = { times: 200, leaseSeconds: 3_600 };
/** By the clock of the first: so long it tries to connect again, in milliseconds. */
const RECONNECT_MS = 600_000;

/** What is behind a cut: nothing any more, or the line is mended at once. */
export type AfterCut = 'down' | 'mended';

/** How a deployment went whose line was cut. */
export interface CutDeployment {
  readonly result: DeploymentResult;
  /** The step that was the last to begin or end before the cut was felt. */
  readonly step: string;
  /** False if there were fewer bytes than the cut was after. */
  readonly wasCut: boolean;
}

export class CutDeployer {
  readonly #bench: DeployBench;
  readonly #proxy: CuttingProxy;
  readonly #configFile: string;

  private constructor(bench: DeployBench, proxy: CuttingProxy, configFile: string) {
    this.#bench = bench;
    this.#proxy = proxy;
    this.#configFile = configFile;
  }

  /** Whoever starts it stops it. */
  static async start(bench: DeployBench): Promise<CutDeployer> {
    const proxy = await startCuttingProxy(bench.server.port);
    return new CutDeployer(bench, proxy, await bench.server.configFor({ port: proxy.port }));
  }

  stop(): Promise<void> {
    return this.#proxy.stop();
  }

  /** How many bytes a deployment to a target is that nothing cuts, both ways. */
  async measure(target: BenchTarget): Promise<Readonly<Record<Cut['direction'], number>>> {
    this.#proxy.cutNext(undefined);
    this.#proxy.takeCounts();
    const { outcome, reason } = await this.#deploy(target, { ...FIRST, reconnectMs: 0 });
    if (outcome !== 'committed') throw new Error(`without a cut it ${outcome}: ${reason}`);
    return this.#proxy.takeCounts();
  }

  /** Deploys over a line that is cut. */
  async deployCut(target: BenchTarget, cut: Cut, then: AfterCut): Promise<CutDeployment> {
    let step = 'preflight';
    this.#proxy.takeCounts();
    this.#proxy.cutNext(cut);
    const onStep = (told: string) => {
      if (told === 'reconnect') this.#proxy.cutNext(then === 'down' ? { ...cut, afterBytes: 0 } : undefined);
      else if (told !== 'roll-back') step = told;
    };
    const reconnectMs = then === 'down' ? 0 : RECONNECT_MS;
    const result = await this.#deploy(target, { ...FIRST, reconnectMs, onStep });
    return { result, step, wasCut: this.#proxy.takeCounts()[cut.direction] >= cut.afterBytes };
  }

  /** Deploys again, over a line that holds. */
  deployAgain(target: BenchTarget): Promise<DeploymentResult> {
    this.#proxy.cutNext(undefined);
    return this.#deploy(target, SECOND);
  }

  #deploy(target: BenchTarget, options: Omit<UnwatchedOptions, 'configFile'>): Promise<DeploymentResult> {
    return deployUnwatched(this.#bench, target, { ...options, configFile: this.#configFile });
  }
}
