// A TCP hop in front of the server that can be cut and mended: signalling is lost, media is not.

import { connect, createServer, type Socket } from "node:net";

export interface Proxy {
  url: string;
  /** Ends every connection and takes no new ones. */
  cut: () => void;
  mend: () => void;
  stop: () => void;
}

export function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((inside) => {
    if (isCut) return void inside.destroy();
    const outside = connect(targetPort, "127.0.0.1");
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      done({
        url: `http://localhost:${port}`,
        cut() {
          isCut = true;
          for (const socket of sockets) socket.destroy();
        },
        mend() {
          isCut = false;
        },
        stop() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}
