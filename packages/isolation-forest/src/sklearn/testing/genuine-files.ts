/**
 * Files that scikit-learn itself wrote: releases 1.2.1 to 1.9.1 with their numpy and joblib, all pickle protocols and
 * compressions, and the ways in which forests differ. The index says what each release reported of its own objects.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** One file and what must be found in it. */
export interface GenuineFile {
  /** Also tells the way in which it was made: `joblib_protocol_2`, `compress_gzip`, `warm_start`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly kind: string;
  readonly sklearnVersion: string;
  /** Of numpy and joblib. */
  readonly numpy: string;
  readonly joblib: string;
  readonly pickleProtocol: number;
  readonly compression: string;
  readonly forest: GenuineForest | null;
  readonly scaler: { readonly mean: readonly number[] | null; readonly scale: readonly number[] | null } | null;
}

/** What a release says of a forest. */
export interface GenuineForest {
  /** As in Python; a float is `{ float: 1 }`. */
  readonly parameters: Readonly<Record<string, null | boolean | number | string | { readonly float: number }>>;
  readonly nFeaturesIn: number;
  readonly featureNamesIn: readonly string[] | null;
  readonly offset: number;
  readonly maxSamples: number;
  readonly nSamples: number;
  readonly maxFeatures: number;
  readonly columns: readonly (readonly number[])[];
  /** Of each tree. */
  readonly randomStates: readonly number[];
  /** SHA-256 of all nodes: see `digestOf` of the golden files. */
  readonly digest: string;
  /** Of the rows. */
  readonly scores: readonly number[];
}

/** All genuine files, and the rows that were scored. */
export function readGenuineFiles(): {
  readonly rows: readonly (readonly number[])[];
  readonly files: readonly GenuineFile[];
} {
  const { rows, files } = JSON.parse(unpacked('genuine-files.json.br').toString('utf8'));
  const all = new Uint8Array(unpacked('genuine-files.br'));
  let end = 0;
  const withBytes = files.map((entry: GenuineFile & { sizeBytes: number }) => {
    end += entry.sizeBytes;
    return { ...entry, bytes: all.slice(end - entry.sizeBytes, end) };
  });
  return { rows, files: withBytes };
}

function unpacked(name: string): Buffer {
  return brotliDecompressSync(readFileSync(join(import.meta.dirname, name)));
}
