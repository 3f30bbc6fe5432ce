/**
 * What the command line looks like: tables, colours, progress.
 *
 * Results go to standard output, everything about the work itself (progress, warnings) to standard error, so that output
 * can be piped. Colours and moving lines appear on a terminal only.
 */
import { stripVTControlCharacters, styleText } from 'node:util';

/** A progress line is drawn at most this often on a terminal, and otherwise every so often as a plain line. */
const REDRAW_MS = { terminal: 100, plain: 5_000 };

type Style = Parameters<typeof styleText>[0];

/** `text` in a style, if standard output shows styles (a terminal, no NO_COLOR). */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function printWarning(text: string): void {
  process.stderr.write(`${styleText('yellow', 'warning:', { stream: process.stderr })} ${printable(text)}\n`);
}

/** What a file or a log line says, with nothing in it that a terminal would obey: a control character becomes `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are wrapped at words into further lines. */
  readonly maxWidth?: number;
}

/** Rows of text as aligned columns under their titles, two spaces between columns; no trailing spaces. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const wrapped = rows.map((row) => columns.map((column, index) => wrap(row[index] ?? '', column.maxWidth)));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...wrapped.flatMap((row) => row[index]?.map(widthOf) ?? [])),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const head = styled('bold', line(columns.map((column) => column.title)));
  const body = wrapped.flatMap((row) => {
    const height = Math.max(1, ...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => line(row.map((cell) => cell[at] ?? '')));
  });
  return [head, ...body].join('\n');
}

function wrap(text: string, maxWidth = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (const part of text.split('\n')) {
    let line = '';
    for (const word of part.split(' ')) {
      if (line !== '' && widthOf(line) + 1 + widthOf(word) > maxWidth) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

/** A number for people: at most four significant digits, thousands apart. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.abs(value) >= 1000 ? 21 : 4,
    maximumFractionDigits: 4,
  });
}

/** `2025-05-01 12:05:00Z`: a time for people, UTC, to the second. */
export function formatTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** A duration for people: `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Shows how far the work is: one moving line on a terminal, a plain line now and then elsewhere. */
export class ProgressLine {
  #shownAtMs = Date.now();
  #drawn = false;

  show(text: () => string): void {
    const moving = process.stderr.isTTY === true;
    const nowMs = Date.now();
    if (nowMs - this.#shownAtMs < (moving ? REDRAW_MS.terminal : REDRAW_MS.plain)) return;
    this.#shownAtMs = nowMs;
    process.stderr.write(moving ? `\r\x1b[K${text()}` : `${text()}\n`);
    this.#drawn = moving;
  }

  /** Clears the moving line. */
  end(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K');
    this.#drawn = false;
  }
}
