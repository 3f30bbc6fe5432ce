/** In which hours of training each device had each kind of message, so that some can be left out afterwards. */

/** Hours of devices, counted from 1970. */
export type DeviceHours = ReadonlyMap<string, ReadonlySet<number>>;

export interface LearntKinds {
  /** Kinds that the device had. */
  ofDevice(id: string): ReadonlySet<string>;
  /** In how many hours each kind came, of all devices. */
  readonly hours: ReadonlyMap<string, number>;
}

export class KindHours {
  /** By kind and device: hours, rising. */
  readonly #hours = new Map<string, Map<string, number[]>>();

  /** @param hour of a device, in order of time. */
  note(kind: string, deviceId: string, hour: number): void {
    let devices = this.#hours.get(kind);
    if (devices === undefined) {
      devices = new Map();
      this.#hours.set(kind, devices);
    }
    const hours = devices.get(deviceId);
    if (hours === undefined) devices.set(deviceId, [hour]);
    else if (hours.at(-1) !== hour) hours.push(hour);
  }

  /** What is known of kinds if these hours are left out. */
  without(leftOut: DeviceHours): LearntKinds {
    const kinds = new Map<string, Set<string>>();
    const hours = new Map<string, number>();
    for (const [kind, devices] of this.#hours) {
      const all = new Set<number>();
      for (const [id, ofDevice] of devices) {
        const kept = ofDevice.filter((hour) => !leftOut.get(id)?.has(hour));
        if (kept.length === 0) continue;
        const known = kinds.get(id);
        if (known === undefined) kinds.set(id, new Set([kind]));
        else known.add(kind);
        for (const hour of kept) all.add(hour);
      }
      if (all.size > 0) hours.set(kind, all.size);
    }
    return { ofDevice: (id) => kinds.get(id) ?? new Set(), hours };
  }
}
