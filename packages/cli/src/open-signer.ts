import {
  opensshFingerprint,
  parseTrustedKeys,
  readKeyFile,
  readSigningKey,
  type Signer,
  signerOf,
  sshAgentSigner,
} from '@edgewood/models';
import { UsageError } from './failure.ts';

/** How an ssh-agent's key is named: by its fingerprint, or by its public half in a file. */
const AGENT = 'agent:';
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/**
 * What `--sign-key` names: a file with a private key, or a key in the ssh-agent.
 *
 * @param name `training`, `agent:SHA256:…` or `agent:training.pub`; a file whose name begins like the latter is `./agent:…`.
 * @throws {ModelError} as `readSigningKey` and `sshAgentSigner`; {UsageError} if a file names several keys.
 */
export async function openSigner(name: string, env: NodeJS.ProcessEnv): Promise<Signer> {
  if (!name.startsWith(AGENT)) return signerOf(await readSigningKey(name));
  const fingerprint = await fingerprintOf(name.slice(AGENT.length));
  return sshAgentSigner({ socketPath: env.SSH_AUTH_SOCK ?? '' }, fingerprint);
}

async function fingerprintOf(name: string): Promise<string> {
  if (FINGERPRINT.test(name)) return name;
  if (name.startsWith('SHA256:')) {
    throw new UsageError(`'${name}' is no fingerprint; one is SHA256: and 43 characters, as ssh-add -l prints it`);
  }
  const [key, ...others] = parseTrustedKeys((await readKeyFile(name)).text, name);
  if (key !== undefined && others.length === 0) return opensshFingerprint(key.publicKey);
  throw new UsageError(
    `${name} holds ${1 + others.length} public keys; name the one that shall sign by agent:SHA256:…`,
  );
}
