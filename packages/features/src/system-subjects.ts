import type { SubjectKind } from './subject-kind.ts';

/** Who tries to get in, as whom; and what crashes. */
export const SYSTEM_SUBJECTS: readonly SubjectKind[] = [
  { name: 'intruder', events: ['login_failed', 'login_unknown', 'login_abandoned'], of: addressOf },
  { name: 'victim', events: ['login_failed', 'login_unknown'], of: userOf },
  { name: 'crashed_service', events: ['crashed'], of: serviceOf },
];

const IPV4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/;

/** The first address in a message: of the old kind anywhere, of the new one after `from`. */
export function addressOf(message: string): string | undefined {
  const old = IPV4.exec(message)?.[0];
  if (old !== undefined) return old;
  const from = message.indexOf('from ');
  if (from < 0) return undefined;
  const [word = ''] = message.slice(from + 5, from + 80).split(' ', 1);
  const address = word.replace(/^[<[]+/, '').replace(/[\]>].*$/, '');
  return address.includes(':') ? address : undefined;
}

/** The name that somebody tried: the word before `from`, without quotes. */
export function userOf(message: string): string | undefined {
  const from = message.lastIndexOf(' from ');
  if (from <= 0) return undefined;
  const word = message.slice(message.lastIndexOf(' ', from - 1) + 1, from);
  return word.replaceAll("'", '') || undefined;
}

/** Which service crashed, as procd, the kernel of some machines, systemd and the kernel of others tell it. */
export function serviceOf(message: string): string | undefined {
  const procd = after(message, 'Instance ') ?? after(message, 'SIGSEGV to ');
  if (procd !== undefined) return procd.split(/::| /, 1)[0] || undefined;
  return wordBefore(message, '.service:') ?? wordBefore(message.split(']: segfault', 1)[0] ?? '', '[');
}

function after(message: string, text: string): string | undefined {
  const at = message.indexOf(text);
  return at < 0 ? undefined : message.slice(at + text.length, at + text.length + LONGEST_NAME);
}

/** Characters of a name; what is longer is no name. */
const LONGEST_NAME = 255;

function wordBefore(message: string, text: string): string | undefined {
  const end = message.lastIndexOf(text);
  return end <= 0 ? undefined : message.slice(message.lastIndexOf(' ', end) + 1, end) || undefined;
}
