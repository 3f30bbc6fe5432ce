import { DeviceSlots } from '@edgewood/detection';
import { agentProfile } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import {
  type Baseline,
  BaselineLearner,
  createKindFinder,
  roundedBaseline,
  type WindowNorms,
} from '@edgewood/surprise';

/** Learns what is usual for each device from entries that pass by; keeps counts of slots, not the entries. */
export class BaselineTraining {
  readonly #learner: BaselineLearner;
  readonly #slots: DeviceSlots;

  /** @param agent the name of the profile whose events are told apart. */
  constructor(agent: string) {
    const learner = new BaselineLearner(createKindFinder([agentProfile(agent)]));
    this.#learner = learner;
    this.#slots = new DeviceSlots((slot, deviceId, entries) => learner.add(slot, deviceId, entries));
  }

  /** Takes the next entries, in order of time. */
  add(entries: readonly LogEntry[]): void {
    this.#slots.add(entries);
  }

  /**
   * The baseline as its file will give it back. Takes a while: the whole training is gone through several times.
   *
   * @param windowNorms what is usual of the windows' features, if the forest is to see them by it.
   * @throws {SurpriseError} `BAD_BASELINE` if it exceeds what a file may have.
   */
  finish(windowNorms: WindowNorms | undefined): Baseline {
    this.#slots.finish();
    return roundedBaseline({ ...this.#learner.finish(), windowNorms });
  }
}
