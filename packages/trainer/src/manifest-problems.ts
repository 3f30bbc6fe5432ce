/** An export's manifest says what its CSV held when it was whole; whether it still does is looked at before learning from it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { manifestPathOf } from '@edgewood/logs';

/** A manifest is small; what is larger is none, and is not read into sentences. */
const LONGEST_MANIFEST_CHARACTERS = 1_048_576;

/**
 * Compares a CSV with the manifest beside it.
 *
 * @param csvFile a file that can be read.
 * @returns what does not fit, a sentence each; nothing if all fits, or if there is no manifest, as of a CSV that was not
 *   exported by us.
 */
export async function manifestProblems(csvFile: string): Promise<readonly string[]> {
  const path = manifestPathOf(csvFile);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [];
  const manifest = parseManifest(text);
  if (manifest === undefined) return [`${basename(path)} is not the manifest of an export`];
  const { sizeBytes, sha256 } = await contentOf(csvFile);
  if (sha256 === manifest.sha256) return [];
  const seen = `${sizeBytes} bytes with SHA-256 ${sha256.slice(0, 12)}…`;
  const exported = `${manifest.rows} rows in ${manifest.size_bytes} bytes with ${manifest.sha256.slice(0, 12)}…`;
  return [`${basename(csvFile)} is not what was exported: it has ${seen}, its manifest says ${exported}`];
}

interface Promised {
  readonly rows: number;
  readonly size_bytes: number;
  readonly sha256: string;
}

function parseManifest(text: string): Promised | undefined {
  if (text.length > LONGEST_MANIFEST_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isPromised(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPromised(value: unknown): value is Promised {
  const { rows, size_bytes, sha256 } = (value ?? {}) as Record<string, unknown>;
  return Number.isInteger(rows) && Number.isInteger(size_bytes) && typeof sha256 === 'string';
}

async function contentOf(file: string): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  await pipeline(stream, hash);
  return { sizeBytes: stream.bytesRead, sha256: hash.digest('hex') };
}
