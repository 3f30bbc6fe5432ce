import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between us and a server that is reached over TCP, and can swallow what either says: connections are taken and
 * stay open, and nobody hears anything any more. What was swallowed of a connection is lost, and so is the connection; the
 * server does not even learn that it was closed.
 */
export class SwallowingProxy {
  /** That of the server, by way of the proxy. */
  readonly url: string;
  isSwallowing = false;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(serverUrl: string, listener: Server) {
    this.#listener = listener;
    const url = new URL(serverUrl);
    const [host, port] = [url.hostname, Number(url.port)];
    listener.on('connection', (client) => this.#join(client, connect({ host, port })));
    url.hostname = '127.0.0.1';
    url.port = String((listener.address() as AddressInfo).port);
    this.url = url.href;
  }

  /** @param serverUrl with host and port. */
  static async start(serverUrl: string): Promise<SwallowingProxy> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new SwallowingProxy(serverUrl, listener);
  }

  /** Ends the proxy and all of its connections. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    let isLost = false;
    for (const [from, to] of [pair, [server, client] as const]) {
      this.#sockets.add(from);
      from.on('error', () => {}); // its close says it
      from.on('data', (piece) => {
        isLost ||= this.isSwallowing;
        if (!isLost) to.write(piece);
      });
      from.on('end', () => {
        isLost ||= this.isSwallowing;
        if (!isLost) to.end();
      });
      from.on('close', () => {
        this.#sockets.delete(from);
        isLost ||= this.isSwallowing;
        if (!isLost) to.destroy();
      });
    }
  }
}
