import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseAgentName, parseVersion } from './model-version.ts';
import { opensshBlob, opensshFingerprint } from './openssh-public-key.ts';
import { signMetadataBy, verifySignature } from './signature.ts';
import { parseTrustedKeys } from './signing-keys.ts';
import { MAX_SSH_AGENT_BYTES, sshAgentSigner } from './ssh-agent.ts';
import { sshNumber, sshString } from './ssh-wire.ts';
import { createKeyPair } from './testing/key-pair.ts';
import { metadataOf } from './testing/python-metadata.ts';
import { hasOpenssh, startSshAgent } from './testing/ssh-agent-process.ts';

const metadata = {
  ...metadataOf(parseAgentName('wifi'), parseVersion('20250607_230000')),
  model_sha256: 'a'.repeat(64),
};
const failed = (message: RegExp) => ({ code: 'SSH_AGENT_FAILED', message });

test('a real ssh-agent signs metadata by its key, and the signature is like any other', async (t) => {
  if (!hasOpenssh()) return t.skip('openssh-client is not installed');
  const { socketPath, publicKeyFile } = startSshAgent(t);
  const trusted = parseTrustedKeys(readFileSync(publicKeyFile, 'utf8'), publicKeyFile);
  const fingerprint = trusted.map(({ publicKey }) => opensshFingerprint(publicKey)).join();
  const signer = await sshAgentSigner({ socketPath }, fingerprint);
  verifySignature(await signMetadataBy(metadata, signer), trusted);
});

test('what the agent does not have, no longer has, or cannot take is said', async (t) => {
  if (!hasOpenssh()) return t.skip('openssh-client is not installed');
  const { socketPath, publicKeyFile, add } = startSshAgent(t);
  const [key] = parseTrustedKeys(readFileSync(publicKeyFile, 'utf8'), publicKeyFile);
  const fingerprint = opensshFingerprint(key.publicKey);
  await assert.rejects(
    sshAgentSigner({ socketPath }, 'SHA256:other'),
    failed(new RegExp(`has no key SHA256:other; its Ed25519 keys are: ${fingerprint.replaceAll(/[+/]/g, '.')}`)),
  );
  const signer = await sshAgentSigner({ socketPath }, fingerprint);
  await assert.rejects(signer.sign(Buffer.alloc(MAX_SSH_AGENT_BYTES)), failed(/takes at most 262144 bytes/));
  add('-D');
  await assert.rejects(signer.sign(Buffer.from('x')), failed(/refuses/));
  await assert.rejects(sshAgentSigner({ socketPath }, fingerprint), failed(/its Ed25519 keys are: none/));
});

test('an agent that is not there is said', async () => {
  await assert.rejects(sshAgentSigner({ socketPath: join(tmpdir(), 'no-agent') }, 'SHA256:x'), failed(/ENOENT/));
  await assert.rejects(sshAgentSigner({ socketPath: '' }, 'SHA256:x'), failed(/SSH_AUTH_SOCK is not set/));
});

/** Something that listens like an agent and answers each question with what it is given. */
async function startLiar(t: TestContext, answer: (question: Buffer, socket: Socket) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-liar-'));
  const socketPath = join(folder, 'socket');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (question) => answer(question, socket));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { socketPath };
}

test('whatever an agent answers that is no answer is an error and nothing worse', async (t) => {
  const message = (...parts: Uint8Array[]) => sshString(Buffer.concat(parts));
  const answers: [Uint8Array, RegExp][] = [
    [message(), /answers what cannot be read/],
    [message(Uint8Array.of(5)), /refuses/],
    [message(Uint8Array.of(99)), /answers with message 99; 12 was expected/],
    [message(Uint8Array.of(12)), /cannot be read: 4 bytes expected, 0 are left/],
    [message(Uint8Array.of(12), sshNumber(0xffffffff)), /cannot be read/],
    [message(Uint8Array.of(12), sshNumber(1), sshNumber(0xffffffff)), /cannot be read: 4294967295 bytes expected/],
    [sshNumber(MAX_SSH_AGENT_BYTES + 1), /announces 262145 bytes; at most 262144 are read/],
    [sshNumber(100), /ended the connection without an answer/],
    [message(Uint8Array.of(12), sshNumber(1), sshString('ssh-rsa'), sshString('')), /its Ed25519 keys are: none/],
  ];
  for (const [answer, problem] of answers) {
    const liar = await startLiar(t, (_question, socket) => socket.end(answer));
    await assert.rejects(sshAgentSigner(liar, 'SHA256:x'), failed(problem), String(problem));
  }
});

test('an answer in pieces is put together, and a signature by another key is not believed', async (t) => {
  const { trusted } = createKeyPair();
  const liar = await startLiar(t, async (question, socket) => {
    const answer =
      question[4] === 11
        ? [Uint8Array.of(12), sshNumber(1), sshString(opensshBlob(trusted.publicKey)), sshString('comment')]
        : [Uint8Array.of(14), sshString(Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(64))]))];
    for (const byte of sshString(Buffer.concat(answer))) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    socket.end();
  });
  const signer = await sshAgentSigner(liar, opensshFingerprint(trusted.publicKey));
  await assert.rejects(signMetadataBy(metadata, signer), { code: 'SIGNATURE_WRONG' });
});

test('an agent that does not answer is given up at the time limit', async (t) => {
  const liar = await startLiar(t, () => undefined);
  const agent = { ...liar, timeLimitMs: 50 };
  await assert.rejects(sshAgentSigner(agent, 'SHA256:x'), failed(/has not answered for 0\.05 s/));
});
