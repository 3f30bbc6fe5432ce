/** Model files over SFTP, with a real sshd. Needs root, openssh-server and openssh-client. */
import { after, before, type TestContext } from 'node:test';
import { openSftpTargetFiles, type SftpTargetFiles } from '../../packages/deployer/src/sftp-target-files.ts';
import { testModelFiles } from '../../packages/models/src/testing/model-files-contract.ts';
import { type SshdAccount, type SshdDirectory, type SshdServer, startSshd } from './sshd-server.ts';

let server: SshdServer;
let directories = 0;
before(async () => {
  server = await startSshd();
});
after(() => server.stop());

const ACCOUNTS: readonly SshdAccount[] = ['ordinary', 'jailed'];

async function newDirectory(account: SshdAccount, name = `models-${directories++}`): Promise<SshdDirectory> {
  return server.makeDirectory(account, name);
}

async function opened(t: TestContext, { address }: SshdDirectory): Promise<SftpTargetFiles> {
  const files = await openSftpTargetFiles(address, { configFile: server.configFile });
  t.after(() => files.close());
  return files;
}

for (const account of ACCOUNTS) {
  testModelFiles(`the ${account} account`, async (t) => opened(t, await newDirectory(account)));
}
