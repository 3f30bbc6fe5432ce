/**
 * Reads the fields of a packet in a line of netfilter's log:
 *
 *     [  411.000001] reject wan in: IN=eth1 OUT= MAC=… SRC=203.0.113.9 DST=198.51.100.7 LEN=44 … PROTO=TCP SPT=40000 DPT=23 …
 *     └ words of the rule ─────────┘
 *
 * An ICMP error carries the header of the packet that caused it, in brackets: `… PROTO=ICMP TYPE=3 CODE=3 [SRC=… DPT=53 ]`.
 * Its fields stand behind the packet's own, which has no ports.
 */

export function sourceOf(message: string): string | undefined {
  return fieldOf(message, ' SRC=');
}

export function destinationOf(message: string): string | undefined {
  return fieldOf(message, ' DST=');
}

/** In capitals, `TCP`, `UDP`, `ICMP`, `ICMPv6`, or a number. */
export function protocolOf(message: string): string | undefined {
  return fieldOf(message, ' PROTO=');
}

/** The port that the packet is for; undefined for protocols without ports. */
export function targetPortOf(message: string): string | undefined {
  const quoted = message.indexOf(' [SRC=');
  return fieldOf(quoted < 0 ? message : message.slice(0, quoted), ' DPT=');
}

/** Whether the packet opens a connection: TCP with SYN and without ACK. */
export function opensConnection(message: string): boolean {
  return message.includes(' SYN ') && !message.includes(' ACK ');
}

/** Whether the packet came from outside, as the rule's words or the interface say: `wan in`, `pppoe-wan`, `ppp0`. */
export function cameFromOutside(message: string): boolean {
  if (message.includes('wan in')) return true;
  const from = message.indexOf('IN=');
  if (from < 0) return false;
  const by = message.slice(from + 3, message.indexOf(' ', from));
  return by.includes('wan') || by.startsWith('ppp');
}

const PRIVATE = /^(?:10\.|127\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|f[cd])/;

/** Whether an address is one that is never used in the open Internet. IPv6's link-local ones are in use on any link. */
export function isPrivate(address: string): boolean {
  return PRIVATE.test(address);
}

/** The value of a field where it stands first; undefined if it is empty or missing. */
function fieldOf(message: string, name: string): string | undefined {
  const from = message.indexOf(name);
  if (from < 0) return undefined;
  const start = from + name.length;
  const end = message.indexOf(' ', start);
  return (end < 0 ? message.slice(start) : message.slice(start, end)) || undefined;
}
