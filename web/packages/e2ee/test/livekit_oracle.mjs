// LiveKit's own frame cryptor, as the other end: its npm package ships the sources, which are bundled
// here for Node when a test or a bench asks for them. Nothing of them is in this repository.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "vite";

/** The package's folder: its exports name only what is built, in dist/. */
const root = resolve(dirname(createRequire(import.meta.url).resolve("livekit-client")), "..");
const e2ee = join(root, "src/e2ee");

const ENTRY = `
  export { FrameCryptor, encryptionEnabledMap } from ${JSON.stringify(join(e2ee, "worker/FrameCryptor.ts"))};
  export { ParticipantKeyHandler } from ${JSON.stringify(join(e2ee, "worker/ParticipantKeyHandler.ts"))};
  export { KEY_PROVIDER_DEFAULTS } from ${JSON.stringify(join(e2ee, "constants.ts"))};
  export { createKeyMaterialFromBuffer, createKeyMaterialFromString }
    from ${JSON.stringify(join(e2ee, "utils.ts"))};
  export { workerLogger } from ${JSON.stringify(join(root, "src/logger.ts"))};
`;

async function bundle(folder) {
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, ENTRY);
  const [{ output }] = await build({
    configFile: false,
    logLevel: "error",
    root,
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: ["es"], fileName: "livekit" },
    },
  });
  const file = join(folder, "livekit.mjs");
  writeFileSync(file, output[0].code);
  return file;
}

async function load() {
  const folder = mkdtempSync(join(tmpdir(), "livekit-"));
  try {
    const file = await bundle(folder);
    // Named by the cryptor when it says what it does.
    globalThis.RTCEncodedAudioFrame ??= class {};
    const livekit = await import(pathToFileURL(file).href);
    livekit.workerLogger.setLevel("silent");
    return livekit;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const livekit = await load();

const SINK = { enqueue() {} };

/** One client of LiveKit's with one key ring, and one stream in each direction. */
export class LivekitClient {
  #cryptor;
  #keys;

  constructor(options = {}) {
    const all = { ...livekit.KEY_PROVIDER_DEFAULTS, ratchetWindowSize: 0, failureTolerance: -1, ...options };
    livekit.encryptionEnabledMap.set("someone", true);
    this.#keys = new livekit.ParticipantKeyHandler("someone", all);
    this.#cryptor = new livekit.FrameCryptor({
      participantIdentity: "someone",
      keys: this.#keys,
      keyProviderOptions: all,
    });
  }

  /** A text by PBKDF2, bytes by HKDF. */
  async setKey(key, index = 0) {
    const material =
      typeof key === "string"
        ? await livekit.createKeyMaterialFromString(key)
        : await livekit.createKeyMaterialFromBuffer(key);
    await this.#keys.setKey(material, index);
  }

  async ratchet(index) {
    await this.#keys.ratchetKey(index);
  }

  /** The sealed frame, or undefined. `frame` is what a browser's encoded frame says of itself. */
  seal(frame) {
    return this.#pass("encodeFunction", frame);
  }

  open(frame) {
    return this.#pass("decodeFunction", frame);
  }

  /** An encoded frame, whose data become the sealed ones, as LiveKit's worker does it. */
  sealInPlace(frame) {
    return this.#cryptor.encodeFunction(frame, SINK);
  }

  openInPlace(frame) {
    return this.#cryptor.decodeFunction(frame, SINK);
  }

  async #pass(direction, frame) {
    let passed;
    const copy = encodedFrame(frame);
    await this.#cryptor[direction](copy, { enqueue: ({ data }) => (passed = new Uint8Array(data)) });
    return passed;
  }
}

/** As browsers make them: sound has no type. */
export function encodedFrame({ data, type, mimeType, ssrc, timestamp }) {
  return {
    data: new Uint8Array(data).buffer,
    timestamp,
    ...(type && { type }),
    getMetadata: () => ({ synchronizationSource: ssrc, ...(mimeType && { mimeType }) }),
  };
}
