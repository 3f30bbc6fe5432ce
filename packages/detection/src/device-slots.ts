import { compareDevices } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { slotOf } from '@edgewood/surprise';

/** Is shown what a device logged in a slot, as `slotOf` counts them, in order of time. */
export type OnSlot = (slot: number, deviceId: string, entries: readonly LogEntry[]) => void;

/** Cuts entries into the slots of each device that the surprise detector looks at, one slot after the other. */
export class DeviceSlots {
  readonly #onSlot: OnSlot;
  readonly #silentToo: boolean;
  readonly #entriesOf = new Map<string, LogEntry[]>();
  #devices: readonly string[];
  #slot: number | undefined;

  /**
   * @param silentToo whether slots without entries are shown as well: of each device from its first entry on, of
   *   `devices` from the first entry of any.
   */
  constructor(onSlot: OnSlot, { silentToo = false, devices = [] as Iterable<string> } = {}) {
    this.#onSlot = onSlot;
    this.#silentToo = silentToo;
    this.#devices = [...new Set(devices)].sort(compareDevices);
  }

  /** Takes the next entries, in order of time; shows the slots that are over. */
  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const slot = slotOf(entry.timeMs);
      this.#slot ??= slot;
      this.advanceTo(slot);
      const others = this.#entriesOf.get(entry.deviceId);
      if (others === undefined) this.#entriesOf.set(entry.deviceId, [entry]);
      else others.push(entry);
    }
  }

  /** Shows all slots before this one, if there were entries yet: no more will come for them. */
  advanceTo(slot: number): void {
    if (this.#slot === undefined) return;
    for (; this.#slot < slot; this.#slot += 1) this.#show(this.#slot);
  }

  /** Shows the slot of the last entry too: no more will come. */
  finish(): void {
    if (this.#slot !== undefined) this.advanceTo(this.#slot + 1);
  }

  #show(slot: number): void {
    const added = [...this.#entriesOf.keys()].filter((device) => !this.#devices.includes(device));
    if (added.length > 0) this.#devices = [...this.#devices, ...added].sort(compareDevices);
    for (const device of this.#devices) {
      const entries = this.#entriesOf.get(device);
      if (entries !== undefined || this.#silentToo) this.#onSlot(slot, device, entries ?? []);
    }
    this.#entriesOf.clear();
  }
}
