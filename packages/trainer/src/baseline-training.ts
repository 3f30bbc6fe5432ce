import { DeviceSlots } from '@edgewood/detection';
import { agentProfile } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import {
  type Baseline,
  BaselineLearner,
  createKindFinder,
  type LearntBaseline,
  roundedBaseline,
  SLOT_MS,
  type WindowNorms,
} from '@edgewood/surprise';
import type { IsExcluded } from './excluded-time.ts';
import { chooseSuspiciousHours, hoursByDevice, type SuspiciousHours } from './suspicious-hours.ts';

/** Learns what is usual for each device from entries that pass by; keeps counts of slots, not the entries. */
export class BaselineTraining {
  readonly #learner: BaselineLearner;
  readonly #slots: DeviceSlots;
  #learnt: LearntBaseline | undefined;

  /**
   * @param agent the name of the profile whose events are told apart.
   * @param isExcluded time that counts as not looked at.
   */
  constructor(agent: string, isExcluded: IsExcluded) {
    const findKind = createKindFinder([agentProfile(agent)]);
    const learner = new BaselineLearner(findKind, (deviceId, slot) => {
      return isExcluded(slot * SLOT_MS, (slot + 1) * SLOT_MS, deviceId);
    });
    this.#learner = learner;
    this.#slots = new DeviceSlots((slot, deviceId, entries) => learner.add(slot, deviceId, entries));
  }

  /** Takes the next entries, in order of time. */
  add(entries: readonly LogEntry[]): void {
    this.#slots.add(entries);
  }

  /** Looks through what was added, and learns without the hours that are suspicious by that. Nothing is added any more. */
  leaveOutSuspicious(): SuspiciousHours {
    const { baseline, surprisingHours } = this.#learn();
    const suspicious = chooseSuspiciousHours(surprisingHours, baseline.deviceDays);
    if (suspicious.leftOut.length > 0) this.#learnt = this.#learner.learn(hoursByDevice(suspicious.leftOut));
    return suspicious;
  }

  /**
   * The baseline as its file will give it back. Takes a while: the whole training is gone through several times.
   *
   * @param windowNorms what is usual of the windows' features, if the forest is to see them by it.
   * @throws {SurpriseError} `BAD_BASELINE` if it exceeds what a file may have.
   */
  finish(windowNorms: WindowNorms | undefined): Baseline {
    return roundedBaseline({ ...this.#learn().baseline, windowNorms });
  }

  #learn(): LearntBaseline {
    if (this.#learnt === undefined) {
      this.#slots.finish();
      this.#learnt = this.#learner.learn();
    }
    return this.#learnt;
  }
}
