import {
  createKeyFiles,
  formatOpensshKey,
  opensshFingerprint,
  parseSigningKey,
  parseTrustedKeys,
  readKeyFile,
  type TrustedKey,
  trustedKeyOf,
} from '@edgewood/models';
import { formatTable, printLine, printWarning, styled } from './terminal.ts';

/** `edgewood keys create`. */
export async function createKey(path: string): Promise<void> {
  const { id } = await createKeyFiles(path);
  printLine(`key ${styled('bold', id)}`);
  printLine(`${path}      private, mode 600: whoever has it makes models that are believed`);
  printLine(`${path}.pub  public`);
  printLine();
  printLine(`sign:  edgewood train … --sign-key ${path}`);
  printLine(`trust: copy ${path}.pub to the device and name it there under models.trusted_keys`);
}

/** `edgewood keys show`: of a private key its public half; the private one is never shown. */
export async function showKeys(path: string, { json = false }: { readonly json?: boolean }): Promise<void> {
  const { text, isExposed } = await readKeyFile(path);
  const isPrivate = text.includes('PRIVATE KEY-----');
  const keys = isPrivate ? [trustedKeyOf(parseSigningKey(text, path).privateKey)] : parseTrustedKeys(text, path);
  if (isPrivate && isExposed) printWarning(`others than its owner may get at ${path}: chmod 600 ${path}`);
  const shown = keys.map((key) => ({ ...shownKey(key), kind: isPrivate ? 'private' : 'public' }));
  if (json) return printLine(JSON.stringify(shown, null, 2));
  for (const { key_id, kind, fingerprint, public_pem, openssh } of shown) {
    const rows = [
      ['key', styled('bold', key_id)],
      ['of', `a ${kind} key, ed25519`],
      ['agent', fingerprint],
    ];
    printLine(formatTable([{ title: '' }, { title: '' }], rows).trimStart());
    printLine(`${public_pem}${openssh}\n`);
  }
}

function shownKey({ id, publicKey }: TrustedKey) {
  return {
    key_id: id,
    fingerprint: opensshFingerprint(publicKey),
    public_pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    openssh: formatOpensshKey(publicKey),
  };
}
