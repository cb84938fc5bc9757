// A signalling session that outlives its WebSocket: nothing is lost, nothing happens twice
// (docs/signalling.md, "A lost connection").

import { clientErrors, MeetingError, TOO_MANY_REQUESTS } from "./errors";
import type { JoinAnswer, Notification, ServerMessage } from "./messages";
import { parseJoinAnswer, parseLastId, parseMessage, parseNotification } from "./parse";

const SUBPROTOCOL = "sotto.1";
const OPEN_TIMEOUT_MS = 5_000;
/** The server answers at once; a WebSocket that brings no answer is dead, whatever it says. */
const ANSWER_TIMEOUT_MS = 8_000;
const RETRY_DELAYS_MS = [0, 300, 700, 1000, 1500, 2000];
/** The server's limit, which ends the connection. */
const REQUEST_SIZE_MAX = 256 * 1024;
const RESUME_ID = 0;

export interface ConnectionOptions {
  /** ws:// or wss:// with the path. */
  url: string;
  onNotification: (notification: Notification) => void;
  /** The WebSocket is gone (false), or there is one again and the session goes on (true). */
  onOnline: (isOnline: boolean) => void;
  /** The session cannot be resumed. Not called after close(). */
  onLost: () => void;
  /** The server said something that makes no sense; it was passed over. */
  onBadMessage: (error: Error) => void;
}

interface Request {
  text: string;
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
}

export class Connection {
  #options: ConnectionOptions;
  #socket: WebSocket | undefined;
  /** The socket took the join or the resume: requests may follow. */
  #isOnline = false;
  #session: { id: string; token: string; timeoutMs: number } | undefined;
  /** Without an answer so far, by id, the oldest first. */
  #requests = new Map<number, Request>();
  #lastId = 0;
  #lastSeq = 0;
  #lostAt: number | undefined;
  /** To resume, since it was lost. */
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens the first WebSocket and joins. To be called once, before any request. */
  async join(data: Record<string, unknown>): Promise<JoinAnswer> {
    try {
      await this.#open();
      this.#isOnline = true;
      const answer = parseJoinAnswer(await this.request("join", data));
      this.#session = { id: answer.sessionId, ...answer.resume };
      return answer;
    } catch (error) {
      const isOurs = error instanceof MeetingError;
      const reason = isOurs ? error : clientErrors.badAnswer((error as Error).message);
      this.#end(reason);
      throw reason;
    }
  }

  /** Resolves with the answer's data, over as many WebSockets as it takes. */
  request(method: string, data: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#isOver) return Promise.reject(clientErrors.left());
    const id = this.#lastId + 1;
    const text = JSON.stringify({ id, method, data });
    if (new TextEncoder().encode(text).length > REQUEST_SIZE_MAX)
      return Promise.reject(clientErrors.tooLarge(method));
    this.#lastId = id;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { text, resolve, reject });
      // The server takes requests in order: what was asked while offline goes first.
      if (this.#isOnline) this.#send(text);
    });
  }

  /** Ends the session; requests without an answer are rejected. */
  close(): void {
    this.#end(clientErrors.left());
  }

  /** The next WebSocket, ready for its first message. */
  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const refused = clientErrors.cannotConnect(this.#options.url);
      if (this.#isOver) return reject(refused);
      let socket: WebSocket;
      try {
        socket = new WebSocket(this.#options.url, SUBPROTOCOL);
      } catch {
        return reject(refused);
      }
      this.#socket = socket;
      const end = () => {
        clearTimeout(timer);
        reject(refused);
        this.#abandon(socket);
      };
      const timer = setTimeout(end, OPEN_TIMEOUT_MS);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
      // Node says only "error" of a connection that was never made, browsers both.
      socket.onerror = socket.onclose = end;
      socket.onmessage = ({ data }) => {
        if (this.#socket === socket) this.#receive(String(data));
      };
    });
  }

  /** This socket is not used any more, even if it takes long to close. */
  #abandon(socket: WebSocket): void {
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    if (socket.readyState < WebSocket.CLOSING) socket.close();
    if (this.#socket !== socket) return;
    const wasOnline = this.#isOnline;
    this.#socket = undefined;
    this.#isOnline = false;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    if (!this.#session) return this.#end(clientErrors.cannotConnect(this.#options.url));
    this.#lostAt ??= performance.now();
    const delay = RETRY_DELAYS_MS[Math.min(this.#attempts++, RETRY_DELAYS_MS.length - 1)];
    this.#retry = setTimeout(() => void this.#resume(), delay);
    if (wasOnline) this.#options.onOnline(false);
  }

  async #resume(): Promise<void> {
    const session = this.#session;
    if (this.#isOver || !session) return;
    if (performance.now() - (this.#lostAt ?? 0) > session.timeoutMs) return this.#lose();
    try {
      await this.#open();
    } catch {
      return; // The next attempt is due already.
    }
    const data = { sessionId: session.id, token: session.token, seq: this.#lastSeq };
    this.#send(JSON.stringify({ id: RESUME_ID, method: "resume", data }));
  }

  #resumed(lastId: number): void {
    this.#isOnline = true;
    this.#lostAt = undefined;
    this.#attempts = 0;
    for (const [id, request] of this.#requests) if (id > lastId) this.#send(request.text);
    this.#options.onOnline(true);
  }

  #send(text: string): void {
    this.#socket?.send(text);
    this.#answerTimer ??= this.#awaitAnswer();
  }

  /** Every answer starts the time anew while there are more to come. */
  #awaitAnswer(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      if (this.#socket) this.#abandon(this.#socket);
    }, ANSWER_TIMEOUT_MS);
  }

  #answered(): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = this.#requests.size > 0 ? this.#awaitAnswer() : undefined;
  }

  #receive(text: string): void {
    try {
      this.#handle(parseMessage(text));
    } catch (error) {
      this.#options.onBadMessage(error as Error);
    }
  }

  #handle(message: ServerMessage): void {
    if (message.type !== "notification" && message.id === RESUME_ID)
      return this.#handleResume(message);
    if (message.seq !== undefined) {
      if (message.seq <= this.#lastSeq) return;
      this.#lastSeq = message.seq;
    }
    if (message.type === "notification") {
      const notification = parseNotification(message.event, message.data);
      if (notification) this.#options.onNotification(notification);
      return;
    }
    const request = this.#requests.get(message.id);
    if (!request) return;
    this.#requests.delete(message.id);
    this.#answered();
    if (message.type === "answer") return request.resolve(message.data);
    const { code, name, message: words } = message.error;
    request.reject(new MeetingError(code, name, words));
  }

  #handleResume(message: Exclude<ServerMessage, { type: "notification" }>): void {
    if (this.#isOnline) return;
    if (message.type === "refusal") {
      // Too many others of this network come back at once: the session is still there.
      const isBusy = message.error.code === TOO_MANY_REQUESTS && this.#socket !== undefined;
      return isBusy ? this.#abandon(this.#socket as WebSocket) : this.#lose();
    }
    const lastId = parseLastId(message.data);
    this.#answered();
    this.#resumed(lastId);
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#end(clientErrors.connectionLost());
    this.#options.onLost();
  }

  #end(error: MeetingError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isOnline = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#answerTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    for (const request of this.#requests.values()) request.reject(error);
    this.#requests.clear();
  }
}
