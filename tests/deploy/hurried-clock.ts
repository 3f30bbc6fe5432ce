import { type DeployClock, machineClock } from '@edgewood/deployer';

/** A clock that goes so many times as fast as this machine's, to wait for leases and reconnections; the time of day is true. */
export function hurriedClock(times: number): DeployClock {
  return {
    nowMs: () => machineClock.nowMs(),
    countedMs: () => machineClock.countedMs() * times,
    sleep: (durationMs, signal) => machineClock.sleep(durationMs / times, signal),
  };
}
