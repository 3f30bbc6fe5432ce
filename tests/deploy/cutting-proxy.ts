/** A TCP proxy on the loopback interface that cuts what goes through it at a byte of choice. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where a connection is cut. */
export interface Cut {
  /** Cut when so many bytes have gone through in the direction. */
  readonly afterBytes: number;
  readonly direction: 'client-to-server' | 'server-to-client';
  /** `drop` ends both connections; `stall` leaves them open, and nothing goes through any more. The default is `drop`. */
  readonly how?: 'drop' | 'stall';
}

export interface CuttingProxy {
  readonly port: number;
  /** How connections that are made from now on are cut; undefined: not at all, as at first. */
  cutNext(cut: Cut | undefined): void;
  /** Drops all connections that are open now. */
  dropAll(): void;
  /** How many bytes went through since the start or the last call, from the client to the server and back. */
  takeCounts(): Readonly<Record<Cut['direction'], number>>;
  /** Drops all connections and stops listening. */
  stop(): Promise<void>;
}

/** @param port where the server listens, on 127.0.0.1. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let next: Cut | undefined;
  const counts = { 'client-to-server': 0, 'server-to-client': 0 };

  const server = createServer((client) => {
    const cut = next;
    const upstream = connect(port, '127.0.0.1');
    const both = [client, upstream];
    const drop = () => {
      for (const socket of both) socket.destroy();
    };
    let isStalled = false;
    for (const socket of both) {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        drop();
      });
      socket.on('error', drop);
    }
    const pass = (from: Socket, to: Socket, direction: Cut['direction']) => {
      let passedBytes = 0;
      from.on('data', (piece: Buffer) => {
        if (isStalled) return;
        const isCutHere = cut?.direction === direction && passedBytes + piece.length >= cut.afterBytes;
        const part = isCutHere ? piece.subarray(0, cut.afterBytes - passedBytes) : piece;
        passedBytes += part.length;
        counts[direction] += part.length;
        if (!isCutHere) {
          if (!to.write(part)) {
            from.pause();
            to.once('drain', () => from.resume());
          }
        } else if (cut.how === 'stall') {
          to.write(part);
          isStalled = true;
        } else {
          to.write(part, drop); // what was let through arrives
        }
      });
    };
    pass(client, upstream, 'client-to-server');
    pass(upstream, client, 'server-to-client');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cutNext: (cut) => {
      next = cut;
    },
    dropAll,
    takeCounts: () => {
      const taken = { ...counts };
      counts['client-to-server'] = 0;
      counts['server-to-client'] = 0;
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropAll();
      }),
  };
}
