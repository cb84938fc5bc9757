// examples/peer-connection in two browsers. Its two tabs talk over a BroadcastChannel; here the test carries
// the messages from one browser to the other, hears all of them and may lie in them.

import type { Page } from "playwright-core";

import type { Person as Name } from "./media_files.ts";
import type { Person } from "./person.ts";

/** What a page says. Its fields are those of examples/peer-connection/web. */
export interface Message {
  type: string;
  from: string;
  to?: string;
  sdp?: string;
  streams?: Record<string, number[]>;
  streamId?: number[];
}

/** A frame as it came to the receiver: from the wire, and before anything opened it. */
export interface WireFrame {
  kind: "audio" | "video";
  /** In base64. */
  data: string;
}

interface PageWindow {
  /** The test's. */
  sottoCarry(text: string): Promise<void>;
  /** The page's. */
  sottoReceive(text: string): void;
  sottoWire: WireFrame[];
}

/** Between two people's pages. */
export class Bridge {
  readonly log: { name: Name; message: Message }[] = [];
  /** May change what somebody says before the other page gets it. */
  lie: (message: Message, name: Name) => void = () => {};
  #last: Promise<void> = Promise.resolve();

  static async between(alice: Person, bob: Person): Promise<Bridge> {
    const bridge = new Bridge();
    for (const [own, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const carry = (text: string) => bridge.#carry(text, own.name, other.page);
      await own.context.exposeFunction("sottoCarry", carry);
      await own.context.addInitScript(replaceChannel);
      await own.context.addInitScript(changePage);
    }
    return bridge;
  }

  /** A new call has a new log, and nobody lies in it. */
  reset(): void {
    this.log.length = 0;
    this.lie = () => {};
  }

  /** What somebody said first of this type. */
  said(name: Name, type: string): Message | undefined {
    return this.log.find((each) => each.name === name && each.message.type === type)?.message;
  }

  /** In order. Who has no page yet hears nothing. */
  #carry(text: string, name: Name, to: Page): Promise<void> {
    const message = JSON.parse(text) as Message;
    this.lie(message, name);
    this.log.push({ name, message });
    if (to.url() === "about:blank") return this.#last;
    const given = JSON.stringify(message);
    const deliver = (data: string) => (window as unknown as PageWindow).sottoReceive?.(data);
    this.#last = this.#last.then(() => to.evaluate(deliver, given)).catch(() => {});
    return this.#last;
  }
}

/** Before the page's scripts. With ?tabs the page keeps the real one. */
function replaceChannel(): void {
  if (location.search === "?tabs") return;
  const own = window as unknown as PageWindow;
  class Channel {
    onmessage?: (event: { data: string }) => void;
    constructor() {
      own.sottoReceive = (text) => this.onmessage?.({ data: text });
    }
    postMessage(text: string): void {
      void own.sottoCarry(text);
    }
  }
  Object.assign(window, { BroadcastChannel: Channel });
}

/** Before the page's scripts, as the address asks for. */
function changePage(): void {
  const changes: Record<string, () => void> = {
    /** A Chromium of before RTCRtpScriptTransform. */
    "?legacy": () => void Reflect.deleteProperty(window, "RTCRtpScriptTransform"),

    /** Sends everything in clear, whatever the page wants. */
    "?clear": () => {
      // The page looks whether it is there.
      const transforms = new WeakMap<RTCRtpSender, unknown>();
      Object.defineProperty(RTCRtpSender.prototype, "transform", {
        get(this: RTCRtpSender) {
          return transforms.get(this);
        },
        set(this: RTCRtpSender, transform: unknown) {
          transforms.set(this, transform);
        },
      });
      const Original = RTCPeerConnection;
      window.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super({ iceServers: configuration?.iceServers ?? [] });
        }
        override getConfiguration(): RTCConfiguration {
          return {}; // The page looks whether it has got what it wanted.
        }
      };
    },

    /** Opens nothing: what comes from the wire goes into sottoWire, and as it is to the decoder. */
    "?tap": () => {
      const source = `onrtctransform = ({ transformer: { readable, writable, options } }) =>
        readable.pipeThrough(new TransformStream({
          transform(frame, controller) {
            postMessage({ kind: options.kind, data: frame.data.slice(0) });
            controller.enqueue(frame);
          },
        })).pipeTo(writable);`;
      const tap = new Worker(URL.createObjectURL(new Blob([source])));
      const frames: WireFrame[] = [];
      Object.assign(window, { sottoWire: frames });
      tap.onmessage = ({ data: { kind, data } }) =>
        frames.push({ kind, data: btoa(String.fromCharCode(...new Uint8Array(data))) });
      const Original = RTCRtpScriptTransform;
      Object.assign(window, {
        RTCRtpScriptTransform: function (worker: Worker, options: { operation: string }) {
          return new Original(options.operation === "open" ? tap : worker, options);
        },
      });
    },
  };
  changes[location.search]?.();
}

export function readWire(): WireFrame[] {
  return (window as unknown as PageWindow).sottoWire;
}
