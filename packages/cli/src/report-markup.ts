/** Texts of a log, names of devices and messages, are only shown so long in a report, in characters. */
const LONGEST_TEXT = 160;

/**
 * A text as it stands in HTML, between tags or in a quoted attribute: nothing in it is markup. Long ones are cut, control
 * characters are shown as `\x1b`.
 */
export function shown(text: string): string {
  const characters = [...text.slice(0, LONGEST_TEXT * 2)];
  const cut =
    characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT - 1).join('')}…` : characters.join('');
  return cut
    .replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface ReportColumn {
  readonly title: string;
  /** Numbers stand at the right, sentences get room. */
  readonly holds?: 'number' | 'text';
}

/**
 * A table that scrolls by itself where it is wider than the page, also by keyboard.
 *
 * @param name what the table is of, for those who hear it.
 * @param rows of markup: texts went through {@link shown}.
 */
export function reportTable(
  name: string,
  columns: readonly ReportColumn[],
  rows: readonly (readonly string[])[],
): string {
  const classOf = (at: number) => (columns[at]?.holds === undefined ? '' : ` class="${columns[at].holds}"`);
  const head = columns.map(({ title }, at) => `<th scope="col"${classOf(at)}>${shown(title)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, at) => `<td${classOf(at)}>${cell}</td>`).join('')}</tr>`);
  return `<div class="scroll" role="region" tabindex="0" aria-label="${shown(name)}"><table><thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`;
}

/** A part of the page under a title. */
export function reportSection(title: string, ...parts: readonly string[]): string {
  return `<section><h2>${shown(title)}</h2>\n${parts.join('\n')}\n</section>`;
}
