/** A question that a client asked a resolver. */
export interface DnsQuestion {
  /** The client's address, without a port. */
  readonly client: string;
  /** In lower case, without the dot at its end: clients mix cases on purpose, against forged replies. */
  readonly name: string;
}

/**
 * The question in a message of event `query`, in the ways in which dnsmasq, BIND and unbound write it:
 *
 *     query[A] www.example.org from 192.168.1.20
 *     client @0x7f2a 192.168.1.20#53412 (www.example.org): query: www.example.org IN A + (192.0.2.1)
 *     [4711:0] query: 192.168.1.20 www.example.org. A IN
 */
export function questionOf(message: string): DnsQuestion | undefined {
  const dnsmasq = after(message, 'query[');
  if (dnsmasq !== undefined) return question(word(dnsmasq, 3), word(dnsmasq, 1));
  const bind = after(message, '): query: ');
  if (bind !== undefined) return question(bindClientOf(message), word(bind, 0));
  const unbound = after(message, 'query: ') ?? after(message, 'info: ');
  return unbound === undefined ? undefined : question(word(unbound, 0), word(unbound, 1));
}

/** The name of an answer that says that there is none of that name. */
export function missingNameOf(message: string): string | undefined {
  const end = message.indexOf(' is NXDOMAIN');
  if (end >= 0) return canonical(message.slice(message.lastIndexOf(' ', end - 1) + 1, end));
  return questionOf(message)?.name;
}

/**
 * The part of a name that somebody registered: its last two labels, or three under short ones such as `co.uk`. Near enough
 * for counting the names under it, without the list of public suffixes.
 */
export function domainOf(name: string): string {
  const labels = name.split('.');
  const [second = '', last = ''] = labels.slice(-2);
  return labels.slice(last.length === 2 && second.length <= 3 ? -3 : -2).join('.');
}

function question(client: string | undefined, name: string | undefined): DnsQuestion | undefined {
  return client === undefined || name === undefined ? undefined : { client, name: canonical(name) };
}

function canonical(name: string): string {
  return (name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

/** What follows the first `start`. */
function after(message: string, start: string): string | undefined {
  const from = message.indexOf(start);
  return from < 0 ? undefined : message.slice(from + start.length);
}

function word(text: string, position: number): string | undefined {
  return text.split(' ', position + 1)[position] || undefined;
}

function bindClientOf(message: string): string | undefined {
  const words = after(message, 'client ')?.split(' ', 2) ?? [];
  const address = words[0]?.startsWith('@') ? words[1] : words[0];
  return address?.split('#', 1)[0] || undefined;
}
