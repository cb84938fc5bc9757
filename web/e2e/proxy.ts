// A TCP hop in front of the server that can be cut and mended: signalling is lost, media is not.

import { connect, createServer, type Server as NetServer, type Socket } from "node:net";

export class Proxy {
  readonly port: number;
  readonly url: string;
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: NetServer, port: number) {
    this.#server = server;
    this.port = port;
    this.url = `http://localhost:${port}`;
  }

  static start(targetPort: number): Promise<Proxy> {
    return new Promise((done) => {
      const server = createServer((inside) => proxy.#connect(inside, targetPort));
      let proxy: Proxy;
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        proxy = new Proxy(server, typeof address === "object" && address ? address.port : 0);
        done(proxy);
      });
    });
  }

  /** Ends every connection, and every new one without an answer. */
  cut(): void {
    this.#isCut = true;
    this.breakConnections();
  }

  /** Ends every connection; new ones may come at once. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The connections of now stay open and nothing passes, as on a path that died. */
  hold(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#isCut = false;
  }

  stop(): void {
    this.#server.close();
    this.breakConnections();
  }

  #connect(inside: Socket, targetPort: number): void {
    if (this.#isCut) return void inside.once("data", () => inside.destroy()).on("error", () => {});
    const outside = connect(targetPort, "127.0.0.1");
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (data) => other.write(data));
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
