import type { EncodedFrame } from "../src/worker/pipe";

/** What a browser's encoded frame says of itself. */
export interface PlainFrame {
  data: Uint8Array;
  type?: "key" | "delta";
  mimeType?: string;
  ssrc: number;
  timestamp: number;
}

export class LivekitClient {
  constructor(options?: object);
  setKey(key: string | ArrayBuffer, index?: number): Promise<void>;
  ratchet(index: number): Promise<void>;
  seal(frame: PlainFrame): Promise<Uint8Array | undefined>;
  open(frame: PlainFrame): Promise<Uint8Array | undefined>;
}

export function encodedFrame(frame: PlainFrame): EncodedFrame;
