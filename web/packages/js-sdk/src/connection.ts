// A signalling session that outlives its WebSocket: nothing is lost, nothing happens twice
// (docs/signalling.md, "A lost connection").

import { clientErrors, MeetingError } from "./errors";
import type { JoinAnswer, Notification, ServerMessage } from "./messages";

const SUBPROTOCOL = "sotto.1";
const OPEN_TIMEOUT_MS = 10_000;
const RETRY_DELAYS_MS = [0, 300, 700, 1000, 1500, 2000];

export interface ConnectionOptions {
  /** ws:// or wss:// with the path. */
  url: string;
  onNotification: (notification: Notification) => void;
  /** The WebSocket is gone (false) and back (true). */
  onOnline: (isOnline: boolean) => void;
  /** The session cannot be resumed. Not called after close(). */
  onLost: () => void;
}

interface Request {
  id: number;
  text: string;
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
}

export class Connection {
  #options: ConnectionOptions;
  #socket: WebSocket | undefined;
  #session: { id: string; token: string; timeoutMs: number } | undefined;
  #requests = new Map<number, Request>();
  #lastId = 0;
  #lastSeq = 0;
  #isOver = false;
  #lostAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens the first WebSocket and joins. */
  async join(data: Record<string, unknown>): Promise<JoinAnswer> {
    await this.#open();
    const answer = (await this.request("join", data)) as JoinAnswer;
    this.#session = { id: answer.sessionId, token: answer.resume.token, timeoutMs: answer.resume.timeoutMs };
    return answer;
  }

  /** Resolves with the answer's data, over as many connections as it takes. */
  request(method: string, data: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#isOver) return Promise.reject(clientErrors.left());
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, method, data });
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { id, text, resolve, reject });
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
    });
  }

  /** Ends the session; requests without an answer are rejected. */
  close(): void {
    this.#end(clientErrors.left());
  }

  /** The socket of the first connection, or of a later one, ready to send. */
  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(clientErrors.cannotConnect(this.#options.url));
      let socket: WebSocket;
      try {
        socket = new WebSocket(this.#options.url, SUBPROTOCOL);
      } catch {
        return fail();
      }
      const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
      socket.onopen = () => {
        clearTimeout(timer);
        if (this.#isOver) return socket.close(1000);
        this.#socket = socket;
        resolve();
      };
      socket.onclose = () => {
        clearTimeout(timer);
        fail();
        if (this.#socket === socket) this.#disconnected();
      };
      socket.onmessage = ({ data }) => {
        if (this.#socket === socket) this.#receive(String(data));
      };
    });
  }

  #disconnected(): void {
    this.#socket = undefined;
    if (this.#isOver) return;
    if (!this.#session) return this.#end(clientErrors.cannotConnect(this.#options.url));
    this.#lostAt ||= Date.now();
    this.#options.onOnline(false);
    this.#scheduleResume(0);
  }

  #scheduleResume(attempt: number): void {
    const delay = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 0;
    this.#retry = setTimeout(() => void this.#resume(attempt), delay);
  }

  async #resume(attempt: number): Promise<void> {
    const session = this.#session;
    if (this.#isOver || !session) return;
    if (Date.now() - this.#lostAt > session.timeoutMs) return this.#lose();
    try {
      await this.#open();
    } catch {
      if (!this.#isOver) this.#scheduleResume(attempt + 1);
      return;
    }
    const data = { sessionId: session.id, token: session.token, seq: this.#lastSeq };
    this.#socket?.send(JSON.stringify({ id: 0, method: "resume", data }));
  }

  #resumed(message: Extract<ServerMessage, { id: number }>): void {
    if (message.error) return this.#lose();
    const { lastId } = message.data as { lastId: number };
    for (const request of this.#requests.values())
      if (request.id > lastId) this.#socket?.send(request.text);
    this.#lostAt = 0;
    this.#options.onOnline(true);
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    if ("id" in message && message.id === 0) return this.#resumed(message);
    if (message.seq !== undefined) {
      if (message.seq <= this.#lastSeq) return;
      this.#lastSeq = message.seq;
    }
    if ("event" in message) return this.#options.onNotification(message);
    const request = this.#requests.get(message.id);
    if (!request) return;
    this.#requests.delete(message.id);
    if (message.error) {
      const { code, name, message: words } = message.error;
      request.reject(new MeetingError(code, name, words));
    } else {
      request.resolve(message.data);
    }
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#end(clientErrors.connectionLost());
    this.#options.onLost();
  }

  #end(error: MeetingError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#socket = undefined;
    for (const request of this.#requests.values()) request.reject(error);
    this.#requests.clear();
  }
}
