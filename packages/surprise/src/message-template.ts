/**
 * The template of a message is what it says without what it says it of: words stay, and whatever looks like a number, an
 * address, a name in quotation marks or a path becomes one mark.
 *
 * `wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: associated (aid 3)` → `* STA * IEEE * associated aid *`
 *
 * Messages that no table of events knows are counted by it, so that a kind of message nobody has thought of is seen too.
 */

/** What is longer is cut, in characters, and in words: templates tell kinds apart, they need not be whole. */
const LONGEST = { characters: 200, words: 14 };

const MARK = '*';
const QUOTED = /'[^']*'|"[^"]*"/g;
const BETWEEN_WORDS = /[ =,()[\]]+/;
/** An event's name such as `EAPOL-4WAY-HS-COMPLETED`, though there is a digit in it. */
const EVENT_NAME = /^[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+$/;
const HARDWARE_ADDRESS = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
const HOST_OR_FILE_NAME = /[a-z]\.[a-z]/i;

/** At most {@link LONGEST} words; empty for an empty message. Takes time in proportion to the message's beginning. */
export function templateOf(message: string): string {
  const line = message.slice(0, LONGEST.characters).split('\n', 1)[0] ?? '';
  const words: string[] = [];
  for (const word of line.replace(QUOTED, MARK).split(BETWEEN_WORDS)) {
    if (word === '') continue;
    const shown = isVariable(word) ? MARK : word;
    if (shown === MARK && words.at(-1) === MARK) continue;
    words.push(shown);
    if (words.length === LONGEST.words) break;
  }
  return words.join(' ');
}

function isVariable(word: string): boolean {
  if (EVENT_NAME.test(word)) return false;
  return /[0-9@/*]|[^\x20-\x7e]/.test(word) || HARDWARE_ADDRESS.test(word) || HOST_OR_FILE_NAME.test(word);
}
