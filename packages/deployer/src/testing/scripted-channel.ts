import { PassThrough, Writable } from 'node:stream';
import { DeployError } from '../errors.ts';
import { FieldReader, PACKET, packetOf, string, uint32 } from '../sftp/packet-fields.ts';
import { PacketSplitter } from '../sftp/packet-splitter.ts';
import type { SftpChannel } from '../sftp/sftp-session.ts';

/** A request as the other side sees it. INIT has its version as id. */
export interface ScriptedRequest {
  readonly type: number;
  readonly id: number;
  readonly fields: FieldReader;
}

/** What the other side does with a request: it sends bytes by the channel's `send`, or nothing. */
export type Script = (request: ScriptedRequest, channel: ScriptedChannel) => void;

/** The other side of an SFTP session, which does what a test says. It ends at once and without force. */
export class ScriptedChannel implements SftpChannel {
  readonly peer = 'pi@edge-7';
  readonly fromThere = new PassThrough();
  readonly toThere: Writable;
  /** How often it was closed. */
  closes = 0;

  constructor(script: Script) {
    const splitter = new PacketSplitter();
    this.toThere = new Writable({
      write: (piece: Uint8Array, _encoding, done) => {
        for (const packet of splitter.push(piece)) {
          const fields = new FieldReader(packet);
          script({ type: fields.uint8(), id: fields.uint32(), fields }, this);
        }
        done();
      },
    });
  }

  send(bytes: Uint8Array): void {
    if (!this.fromThere.writableEnded) this.fromThere.write(bytes);
  }

  /** Ends the direction to us, as when the connection is cut. */
  cut(): void {
    this.fromThere.end();
  }

  async whyEnded(): Promise<DeployError> {
    return new DeployError('CONNECTION_LOST', 'lost the connection to pi@edge-7');
  }

  async close(): Promise<void> {
    this.closes += 1;
    this.fromThere.destroy();
  }
}

/** A script that greets with these extensions, and leaves all else to another one. */
export function greeting(extensions: Readonly<Record<string, string>>, script: Script): Script {
  return (request, channel) => {
    if (request.type !== PACKET.init) return script(request, channel);
    const pairs = Object.entries(extensions).flatMap(([name, version]) => [string(name), string(version)]);
    channel.send(packetOf(PACKET.version, [uint32(3), ...pairs]));
  };
}

/** A reply that is a status. */
export function statusReply(id: number, status: number, words = ''): Uint8Array {
  return packetOf(PACKET.status, [uint32(id), uint32(status), string(words), string('')]);
}
