/**
 * Some tables hold lines as syslog wrote them, header and all, in the column of the message:
 *
 * ```
 * Thu May  1 00:04:01 2025 daemon.notice hostapd: wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01     OpenWrt's logread
 * <29>May  1 00:04:01 ap-1 hostapd[1422]: wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01             RFC 3164, section 4.1
 * <29>1 2025-05-01T00:04:01Z ap-1 hostapd 1422 - - wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01    RFC 5424, section 6
 * ```
 */

const PRIORITY = String.raw`<\d{1,3}>`;
const CLOCK = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`;
const LOGREAD = String.raw`[A-Z][a-z]{2} ${CLOCK} \d{4} [a-z]\w{0,15}\.[a-z]{1,10} `;
const RFC_3164 = String.raw`(?:${PRIORITY})?${CLOCK} (?:[^\s:]{1,255} )?`;
const BEFORE_TAG = new RegExp(`^(?:${LOGREAD}|${RFC_3164})`);
const BEFORE_APP_NAME = new RegExp(String.raw`^${PRIORITY}1 \S{1,64} \S{1,255} `);
/** What stands between the program and its message: its number; or that, a message's kind, and structured data. */
const AFTER_TAG = /^(?:\[\d{1,10}\])?: ?/;
const AFTER_APP_NAME = /^ \S{1,128} \S{1,32} (?:-|\[[^\]]{0,1000}\]) ?\uFEFF?/;
const ANGLE = '<'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);
/** The kernel's own clock. */
const UPTIME = /^\[ {0,8}\d{1,10}\.\d{1,6}\] /;

/**
 * The message without the header that syslog wrote before it; as it is if there is none, or one of another program.
 *
 * @param program whose line it is.
 */
export function withoutSyslogHeader(message: string, program: string): string {
  if (message.charCodeAt(0) !== ANGLE && message.charCodeAt(3) !== SPACE) return message; // hardly any line has one
  return (
    after(message, program, BEFORE_TAG, AFTER_TAG) ??
    after(message, program, BEFORE_APP_NAME, AFTER_APP_NAME) ??
    message
  );
}

function after(message: string, program: string, before: RegExp, behind: RegExp): string | undefined {
  const header = before.exec(message)?.[0];
  if (header === undefined || !message.startsWith(program, header.length)) return undefined;
  const rest = message.slice(header.length + program.length);
  const tag = behind.exec(rest)?.[0];
  return tag === undefined ? undefined : rest.slice(tag.length).replace(UPTIME, '');
}
