import type { LogEntry } from '@edgewood/logs';
import { SIGHT_RULES, type SightRule } from './sight-rules.ts';
import { compareDevices } from './tumbling-windows.ts';

/** What a survey keeps is bounded. */
export const SURVEY_LIMITS = {
  /** Of further devices nothing is kept; they are counted in `devicesPassedOver`. */
  devices: 2_000,
  /** Different programs that no agent reads; the lines of further ones are counted together. */
  programs: 200,
  /** Longest name of a program that is kept, in characters. */
  programCharacters: 100,
} as const;

/**
 * So many lines a device must have logged by the programs that a rule asks, before their silence means something: hostapd
 * at level debug writes several lines for each handshake, a name server that logs queries little else.
 */
const ENOUGH_LINES = 100;

/** A kind of incident that a device's log would not show, as far as can be told from what it did log. */
export interface BlindSpot {
  readonly incident: string;
  /** `no query of a name among 4711`: lines that could have been one. */
  readonly because: string;
  readonly remedy: string;
  readonly source: string;
}

export interface DeviceBlindSpots {
  readonly deviceId: string;
  readonly lineCount: number;
  /** In the order of the rules; empty if nothing is known to be hidden. */
  readonly blindSpots: readonly BlindSpot[];
}

/** A program that no agent reads. */
export interface UnreadProgram {
  /** Empty for lines that name none; undefined for all programs beyond the limit, together. */
  readonly program: string | undefined;
  readonly lineCount: number;
  /** Of all lines, in (0, 1]. */
  readonly share: number;
  readonly deviceCount: number;
}

export interface SightReport {
  readonly lineCount: number;
  /** By id. */
  readonly devices: readonly DeviceBlindSpots[];
  /** Devices beyond the limit; counted up to the same limit. */
  readonly devicesPassedOver: number;
  /** Those with the most lines first. */
  readonly unread: readonly UnreadProgram[];
}

interface DeviceSight {
  lineCount: number;
  /** For each rule, lines of the programs that it asks; only those that have a level, if it needs levels. */
  readonly asked: Int32Array;
  /** For each rule, whether a line has shown that the device would log the incident. */
  readonly shown: Uint8Array;
}

/**
 * Looks through entries, in any order, and tells what they cannot show. It judges a device by what it has logged, so that
 * a span of a day or more, with the lines of *all* programs, tells most; an export of some programs only makes rules that
 * ask other programs silent, and their programs are not missed.
 */
export class SightSurvey {
  readonly #read: ReadonlySet<string>;
  readonly #devices = new Map<string, DeviceSight>();
  readonly #passedOver = new Set<string>();
  readonly #unread = new Map<string | undefined, { lineCount: number; readonly devices: Set<string> }>();
  readonly #rulesOf = new Map<string, readonly number[]>();
  #lineCount = 0;

  /** @param programs those that an agent reads. */
  constructor(programs: readonly string[]) {
    this.#read = new Set(programs);
    for (const program of SIGHT_RULES.flatMap((rule) => [...rule.askedOf, ...rule.shownBy])) {
      this.#rulesOf.set(program, rulesAbout(program));
    }
  }

  add(entries: Iterable<LogEntry>): void {
    for (const entry of entries) {
      this.#lineCount += 1;
      const device = this.#deviceOf(entry.deviceId);
      if (device === undefined) continue;
      device.lineCount += 1;
      if (!this.#read.has(entry.program)) this.#countUnread(entry);
      for (const at of this.#rulesOf.get(entry.program) ?? []) noteRule(device, at, entry);
    }
  }

  report(): SightReport {
    const devices = [...this.#devices]
      .sort(([one], [other]) => compareDevices(one, other))
      .map(([deviceId, sight]) => ({ deviceId, lineCount: sight.lineCount, blindSpots: blindSpotsOf(sight) }));
    const unread = [...this.#unread]
      .map(([program, { lineCount, devices }]) => ({
        program,
        lineCount,
        share: lineCount / this.#lineCount,
        deviceCount: devices.size,
      }))
      .sort((one, other) => other.lineCount - one.lineCount);
    return { lineCount: this.#lineCount, devices, devicesPassedOver: this.#passedOver.size, unread };
  }

  #deviceOf(deviceId: string): DeviceSight | undefined {
    const known = this.#devices.get(deviceId);
    if (known !== undefined) return known;
    if (this.#devices.size >= SURVEY_LIMITS.devices) {
      if (this.#passedOver.size < SURVEY_LIMITS.devices) this.#passedOver.add(deviceId);
      return undefined;
    }
    const count = SIGHT_RULES.length;
    const device = { lineCount: 0, asked: new Int32Array(count), shown: new Uint8Array(count) };
    this.#devices.set(deviceId, device);
    return device;
  }

  #countUnread({ program, deviceId }: LogEntry): void {
    const name = program.slice(0, SURVEY_LIMITS.programCharacters);
    const key = this.#unread.has(name) || this.#unread.size < SURVEY_LIMITS.programs ? name : undefined;
    const unread = this.#unread.get(key) ?? { lineCount: 0, devices: new Set<string>() };
    unread.lineCount += 1;
    unread.devices.add(deviceId);
    this.#unread.set(key, unread);
  }
}

function rulesAbout(program: string): readonly number[] {
  return [...SIGHT_RULES.keys()].filter((at) => {
    const { askedOf, shownBy } = SIGHT_RULES[at] as SightRule;
    return askedOf.includes(program) || shownBy.includes(program);
  });
}

function noteRule(device: DeviceSight, at: number, entry: LogEntry): void {
  const rule = SIGHT_RULES[at] as SightRule;
  if (device.shown[at] === 1) return;
  if (rule.askedOf.includes(entry.program) && !(rule.needsLevels && entry.level === '')) {
    device.asked[at] = (device.asked[at] ?? 0) + 1;
  }
  if (rule.shownBy.includes(entry.program) && rule.shows(entry)) device.shown[at] = 1;
}

function blindSpotsOf({ asked, shown }: DeviceSight): readonly BlindSpot[] {
  return SIGHT_RULES.flatMap(({ incident, shownBy, wanted, remedy, source }, at) => {
    const lines = asked[at] ?? 0;
    if (shown[at] === 1 || lines < ENOUGH_LINES) return [];
    const because = shownBy.length === 0 ? `there is no ${wanted}` : `no ${wanted} among ${lines}`;
    return [{ incident, because, remedy, source }];
  });
}
