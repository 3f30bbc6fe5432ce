/** Machines that models are deployed to, for `edgewood deploy`; the service does not look at them. */
import { z } from 'zod';
import { durationBetween, text, wholeNumber } from './config-values.ts';

/** As the lock of a deployment allows it, in milliseconds. */
const LEASE_MS = { shortest: 5_000, longest: 3_600_000 };
/** How many cycles may be watched. */
const MOST_CYCLES = 1_000;
/** Names that are no target's: what they mean is taken. */
export const RESERVED_TARGETS: readonly string[] = ['all'];

const name = text.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a name such as edge-7');

const api = text.refine(isHttpUrl, 'must be a URL such as http://edge-7:8420, without user and password');

function isHttpUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

const target = z
  .strictObject({
    name: name.describe('by which the command line calls it'),
    to: text.describe('pi@edge-7:/var/lib/edgewood/models, or a directory of this machine: /mnt/edge-7'),
    api: api.optional().describe('where its service answers over HTTP, if it can be reached from here'),
    token_file: text.optional().describe('file with the token for it, if it asks for one'),
  })
  .transform(({ token_file: tokenFile, ...of }) => ({ ...of, tokenFile }));

const group = z.strictObject({
  name: name.describe('by which the command line calls it'),
  targets: z.array(text).min(1).describe('names of targets'),
});

export const deploySchema = z
  .strictObject({
    targets: z.array(target).prefault([]).describe('machines to deploy to'),
    groups: z.array(group).prefault([]).describe('several of them under one name; all are all'),
    watch_cycles: wholeNumber(0, MOST_CYCLES)
      .prefault(3)
      .describe('so many analysis cycles a new version is watched; 0: none'),
    wait: durationBetween(1_000).prefault('2m').describe('how long a service may need to take a new version up'),
    lease: durationBetween(LEASE_MS.shortest, LEASE_MS.longest)
      .prefault('60s')
      .describe('after so long without a sign of life a deployment is taken back'),
  })
  .transform(({ watch_cycles: watchCycles, wait: waitMs, lease: leaseMs, ...of }) => {
    return { ...of, watchCycles, waitMs, leaseMs };
  });
