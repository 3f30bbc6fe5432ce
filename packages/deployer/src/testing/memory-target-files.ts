import type { AgentName } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { type TargetFiles, UPLOAD_PREFIX } from '../target-files.ts';

/** A target's model directory in memory. Several may use it at once, each by a `FaultyLine` of its own. */
export class MemoryTargetFiles extends MemoryModelFiles implements TargetFiles {
  readonly lasting = true;
  /** What `freeBytes` tells. */
  spaceBytes: number | undefined;
  /** Names of uploads that never ended. */
  readonly leftovers = new Set<string>();

  async freeBytes(): Promise<number | undefined> {
    return this.spaceBytes;
  }

  async writeVerified(name: string, bytes: Uint8Array, onProgress: (sentBytes: number) => void = () => undefined) {
    onProgress(Math.floor(bytes.length / 2));
    await this.write(name, bytes);
    onProgress(bytes.length);
  }

  async removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    const removed = [...this.leftovers].filter((name) => name.startsWith(`${UPLOAD_PREFIX}${agent}_`)).sort();
    for (const name of removed) this.leftovers.delete(name);
    return removed;
  }

  async close(): Promise<void> {}
}
