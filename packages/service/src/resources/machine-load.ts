/** How busy the machine is, as far as it can be known. Undefined: it cannot. */
export interface LoadReading {
  /** Share of all cores that was busy since the reading before, without this process's own work; 0 to 1. */
  readonly cpuShare: number | undefined;
  /** Share of the memory that is in use and cannot be had, of the machine or the container, whichever is closer; 0 to 1. */
  readonly memoryShare: number | undefined;
  /** Bytes that this process has written to disk since it began. */
  readonly writtenBytes: number | undefined;
}

/** Tells how busy the machine is. Never fails: what cannot be read is undefined. */
export interface MachineLoad {
  read(): Promise<LoadReading>;
}
