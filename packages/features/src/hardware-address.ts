const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/i;

/** The first hardware address (MAC) in a message, in lower case. */
export function hardwareAddressOf(message: string): string | undefined {
  return message.includes(':') ? MAC.exec(message)?.[0].toLowerCase() : undefined;
}
