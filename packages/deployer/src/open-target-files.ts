import { LocalTargetFiles } from './local-target-files.ts';
import { openSftpTargetFiles, type SftpOptions } from './sftp-target-files.ts';
import type { TargetAddress } from './target-address.ts';
import type { TargetFiles } from './target-files.ts';

/** The model directory of an address. For errors see {@link openSftpTargetFiles}; a local one is not looked at before it is used. */
export async function openTargetFiles(address: TargetAddress, options: SftpOptions = {}): Promise<TargetFiles> {
  return address.kind === 'local' ? new LocalTargetFiles(address.directory) : openSftpTargetFiles(address, options);
}
