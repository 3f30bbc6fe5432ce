import { LogError } from './errors.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Largest record that is read: beyond it a quote was more likely left open than a message so long. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** Where the scanner's buffer begins to grow from. */
const INITIAL_BUFFER_BYTES = 128 * 1024;

/** Where the scanner stands: before a field, in one, or behind a quote that may have closed it. */
const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
const QUOTE_IN_QUOTED = 3;
const CR_AFTER_QUOTE = 4;

interface Field {
  start: number;
  end: number;
  /** Whether doubled quotes within must become single ones. */
  doubledQuotes: boolean;
}

/**
 * Finds records and fields in RFC 4180 text that comes in pieces, cut anywhere.
 *
 * Records end with LF or CRLF, also mixed; the last one may end with the text. Quoted fields may hold commas, quotes
 * (doubled) and line ends. A carriage return that no line feed follows is text. Empty lines are passed over, and so is a
 * byte order mark at the start. Whether records are of one length is the reader's business.
 *
 *     push(piece) → next() → fields of one record → next() → … → false: push more, or finish()
 *
 * Bytes are kept in one buffer: those of the record begun and those not looked at yet. A state and a position survive the
 * end of a piece, so that no byte is looked at twice.
 */
export class CsvScanner {
  /** Number of fields of the record that `next` found. */
  fieldCount = 0;
  /** The line, from 1, on which that record begins. */
  line = 1;
  /** Holds that record; its fields are at the places that {@link start} and {@link end} tell, until the next call. */
  bytes = Buffer.allocUnsafeSlow(INITIAL_BUFFER_BYTES);

  readonly #fields: Field[] = [];
  readonly #maxRecordBytes: number;
  #recordStart = 0;
  #position = 0;
  #filled = 0;
  #state = FIELD_START;
  #lineEnds = 0;
  #markPassed = false;
  #recordComplete = true;
  #finished = false;

  constructor(maxRecordBytes = MAX_RECORD_BYTES) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Adds bytes, which are copied. Call it when `next` has returned false, or the buffer grows without limit. */
  push(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    this.bytes.set(piece, this.#filled);
    this.#filled += piece.length;
  }

  /** Says that there are no more bytes; `next` gives what is left. */
  finish(): void {
    this.#finished = true;
  }

  /**
   * Finds the next record.
   *
   * @returns false if more bytes are needed, or after `finish` if there is none.
   * @throws {LogError} `CSV_MALFORMED`: a quote out of place or left open, a record beyond the limit.
   */
  next(): boolean {
    if (!this.#markPassed && !this.#passByteOrderMark()) return false;
    for (;;) {
      if (this.#recordComplete) this.#beginRecord();
      if (!this.#scanRecord()) return false;
      if (!this.#isEmptyLine()) return true;
    }
  }

  /** Where the field's text starts in {@link bytes}, without its quotes. */
  start(field: number): number {
    return this.#recordStart + this.#fields[field]!.start;
  }

  /** Where the field's text ends in {@link bytes}, exclusively. */
  end(field: number): number {
    return this.#recordStart + this.#fields[field]!.end;
  }

  hasDoubledQuotes(field: number): boolean {
    return this.#fields[field]!.doubledQuotes;
  }

  /** The field as text; bytes that are not UTF-8 become U+FFFD. */
  text(field: number): string {
    const text = this.bytes.toString('utf8', this.start(field), this.end(field));
    return this.hasDoubledQuotes(field) ? text.replaceAll('""', '"') : text;
  }

  #beginRecord(): void {
    this.#recordStart = this.#position;
    this.#recordComplete = false;
    this.fieldCount = 0;
    this.line = this.#lineEnds + 1;
  }

  #isEmptyLine(): boolean {
    // The field of a pair of quotes starts behind the first of them.
    return this.fieldCount === 1 && this.#fields[0]!.start === 0 && this.#fields[0]!.end === 0;
  }

  /** Goes on with the record to its end; false if the bytes end before. */
  #scanRecord(): boolean {
    while (this.#position < this.#filled) {
      if (this.#state === FIELD_START) this.#startField();
      else if (this.#state === PLAIN) this.#scanPlain();
      else if (this.#state === QUOTED) this.#scanQuoted();
      else this.#leaveQuoted();
      if (this.#recordComplete) return true;
    }
    if (this.#position - this.#recordStart > this.#maxRecordBytes) {
      throw this.#malformed(`a record longer than ${this.#maxRecordBytes} bytes; perhaps a quote was left open`);
    }
    return this.#finished && this.#endOfText();
  }

  #startField(): void {
    const quoted = this.bytes[this.#position] === QUOTE;
    if (quoted) this.#position++;
    this.#openField();
    this.#state = quoted ? QUOTED : PLAIN;
  }

  #scanPlain(): void {
    const { bytes } = this;
    const filled = this.#filled;
    let at = this.#position;
    while (at < filled) {
      const byte = bytes[at]!;
      if (byte <= COMMA && (byte === COMMA || byte === LF || byte === QUOTE)) break;
      at++;
    }
    this.#position = at;
    if (at === filled) return;
    if (bytes[at] === QUOTE) throw this.#malformed('a quote within a field that does not begin with one');
    const crlf = bytes[at] === LF && bytes[at - 1] === CR && at > this.start(this.fieldCount);
    this.#endField(crlf ? at - 1 : at);
  }

  #scanQuoted(): void {
    const { bytes } = this;
    const filled = this.#filled;
    let at = this.#position;
    while (at < filled && bytes[at] !== QUOTE) {
      if (bytes[at] === LF) this.#lineEnds++;
      at++;
    }
    if (at < filled) {
      at++;
      this.#state = QUOTE_IN_QUOTED;
    }
    this.#position = at;
  }

  /** Looks at the byte behind a quote: a second quote, or what ends the field. */
  #leaveQuoted(): void {
    const byte = this.bytes[this.#position];
    if (this.#state === CR_AFTER_QUOTE) {
      if (byte !== LF) throw this.#malformed('text behind the closing quote of a field');
      this.#endField(this.#position - 2);
    } else if (byte === QUOTE) {
      this.#fields[this.fieldCount]!.doubledQuotes = true;
      this.#state = QUOTED;
      this.#position++;
    } else if (byte === CR) {
      this.#state = CR_AFTER_QUOTE;
      this.#position++;
    } else if (byte === COMMA || byte === LF) {
      this.#endField(this.#position - 1);
    } else {
      throw this.#malformed('text behind the closing quote of a field');
    }
  }

  /** Ends the field at `end` and passes the comma or the line feed that stands at the position. */
  #endField(end: number): void {
    this.#fields[this.fieldCount]!.end = end - this.#recordStart;
    this.fieldCount++;
    this.#state = FIELD_START;
    if (this.bytes[this.#position] === LF) {
      this.#lineEnds++;
      this.#recordComplete = true;
    }
    this.#position++;
  }

  /** Completes the record that the end of the text ends; false if none was begun. */
  #endOfText(): boolean {
    if (this.#position === this.#recordStart) return false;
    if (this.#state === QUOTED) throw this.#malformed('a quote is left open');
    if (this.#state === CR_AFTER_QUOTE) throw this.#malformed('text behind the closing quote of a field');
    if (this.#state === FIELD_START) this.#openField();
    const quotes = this.#state === QUOTE_IN_QUOTED ? 1 : 0;
    this.#fields[this.fieldCount]!.end = this.#position - quotes - this.#recordStart;
    this.fieldCount++;
    this.#state = FIELD_START;
    this.#recordComplete = true;
    return true;
  }

  /** Opens a field at the position. Fields are used again from record to record. */
  #openField(): void {
    const start = this.#position - this.#recordStart;
    const field = this.#fields[this.fieldCount];
    if (field === undefined) {
      this.#fields.push({ start, end: start, doubledQuotes: false });
    } else {
      field.start = start;
      field.doubledQuotes = false;
    }
  }

  /** False if the first bytes are still to come. */
  #passByteOrderMark(): boolean {
    const first = this.bytes.subarray(0, Math.min(this.#filled, BYTE_ORDER_MARK.length));
    if (!first.every((byte, i) => byte === BYTE_ORDER_MARK[i])) {
      this.#markPassed = true;
    } else if (first.length === BYTE_ORDER_MARK.length) {
      this.#position = BYTE_ORDER_MARK.length;
      this.#markPassed = true;
    } else {
      this.#markPassed = this.#finished;
    }
    return this.#markPassed;
  }

  /** Drops the bytes of records that were given, and grows the buffer if that does not do. */
  #makeRoom(sizeBytes: number): void {
    if (this.#filled + sizeBytes <= this.bytes.length) return;
    const kept = this.#recordComplete ? this.#position : this.#recordStart;
    const size = this.#filled - kept + sizeBytes;
    const target =
      size <= this.bytes.length ? this.bytes : Buffer.allocUnsafeSlow(Math.max(size, 2 * this.bytes.length));
    this.bytes.copy(target, 0, kept, this.#filled);
    this.bytes = target;
    this.#filled -= kept;
    this.#position -= kept;
    this.#recordStart -= kept;
  }

  #malformed(what: string): LogError {
    const here = this.#lineEnds + 1;
    const lines = here === this.line ? `line ${here}` : `lines ${this.line} to ${here}`;
    return new LogError('CSV_MALFORMED', `${lines}: ${what}`);
  }
}
