// What large frames are compared with: VP8 in the format "sotto" (docs/frame-format.md, suite 4) through
// WebCrypto, as a pipe of the worker could do it, with what the core would still have to do left out.
import { createPipe } from "../../web/packages/e2ee/src/worker/pipe.ts";
import { Core } from "../../web/packages/e2ee/src/worker/core.ts";

const ROOM = "bench", PARTICIPANT = "alice";
const SECRET = new Uint8Array(32).fill(3);
const RULES = { policy: "required", passesUntilReady: false };
const KEY_FRONT_SIZE = 10, DELTA_FRONT_SIZE = 3, HEADER_SIZE = 9, MARK_SIZE = 1, MARK = 0xe1;
/** Of an SFrame header with a key id and a counter of four bytes each. */
const CONFIG = 0xbb;

const utf8 = (text) => new TextEncoder().encode(text);
const join = (...parts) => {
    const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
};
const withSize = (bytes) => join(Uint8Array.of(bytes.length >> 8, bytes.length), bytes);

async function hmac(key, message) {
    const handle = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" },
        false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", handle, message));
}

/** HKDF-Expand over SHA-256, at most 32 bytes. */
const expand = async (key, info, size) =>
    (await hmac(key, join(info, Uint8Array.of(1)))).slice(0, size);

async function deriveStream(streamId) {
    const kid = await expand(SECRET, utf8("sotto/1 kid"), 4);
    kid[0] |= 0x80;
    const name = [utf8(ROOM), utf8(PARTICIPANT), streamId].map(withSize);
    const baseKey = await expand(SECRET,
        join(utf8("sotto/1 stream"), ...name, Uint8Array.of(2)), 32);
    const secret = await hmac(new Uint8Array(32), baseKey);
    const numbers = join(new Uint8Array(4), kid, Uint8Array.of(0, 4));
    const label = (text) => join(utf8(`SFrame 1.0 Secret ${text} `), numbers);
    const key = await crypto.subtle.importKey("raw", await expand(secret, label("key"), 16),
        "AES-GCM", false, ["encrypt", "decrypt"]);
    return { kid, key, salt: await expand(secret, label("salt"), 12) };
}

const frontSize = (bytes) => (bytes[0] & 1 ? DELTA_FRONT_SIZE : KEY_FRONT_SIZE);

/** Its counters always have four bytes, which tells its frames from the core's. */
class WebCryptoPipe {
    #counter = 1 << 24;

    constructor(stream, operation) {
        Object.assign(this, stream, { operation });
    }

    #parameters(front, header) {
        const iv = this.salt.slice();
        for (let i = 0; i < 4; i++) iv[8 + i] ^= header[5 + i];
        return { name: "AES-GCM", iv, additionalData: join(header, front, Uint8Array.of(MARK)) };
    }

    async #seal(frame) {
        const front = frame.subarray(0, frontSize(frame));
        const header = join(Uint8Array.of(CONFIG), this.kid, new Uint8Array(4));
        new DataView(header.buffer).setUint32(5, this.#counter++);
        const sealed = await crypto.subtle.encrypt(this.#parameters(front, header), this.key,
            frame.subarray(front.length));
        return join(front, header, new Uint8Array(sealed), Uint8Array.of(MARK));
    }

    async #open(wire) {
        const front = wire.subarray(0, frontSize(wire));
        const header = wire.subarray(front.length, front.length + HEADER_SIZE);
        const opened = await crypto.subtle.decrypt(this.#parameters(front, header), this.key,
            wire.subarray(front.length + HEADER_SIZE, -MARK_SIZE));
        return join(front, new Uint8Array(opened));
    }

    async handle(frame) {
        const bytes = new Uint8Array(frame.data);
        frame.data = (await (this.operation === "seal" ? this.#seal(bytes) : this.#open(bytes))).buffer;
        return true;
    }
}

/** Whether a sealed frame is one of a WebCryptoPipe. */
export function isWebCryptos(data) {
    const bytes = new Uint8Array(data);
    return bytes[frontSize(bytes)] === CONFIG;
}

/** Pairs of pipes, sealing and opening, through the product's core and through WebCrypto. */
export async function createPipes() {
    const core = await Core.create(ROOM, PARTICIPANT, 4);
    core.waiveLiveness();
    await core.setKey("secret", SECRET.slice());
    const streamId = (number) => new Uint8Array(16).fill(number);
    const corePipe = (operation, number) => createPipe(core, { operation, kind: "video",
        participantId: PARTICIPANT, streamId: streamId(number) }, RULES, () => {});
    const stream = await deriveStream(streamId(2));
    const webCrypto = ["seal", "open"].map((operation) => new WebCryptoPipe(stream, operation));
    await checkFormat(webCrypto[0], corePipe("open", 2));
    return {
        core: { seal: corePipe("seal", 1), open: corePipe("open", 1) },
        webCrypto: { seal: webCrypto[0], open: webCrypto[1] },
        sound: corePipe("seal", 3),
    };
}

export const createFrame = (data) =>
    ({ data, type: "delta", getMetadata: () => ({ mimeType: "video/VP8" }) });

async function checkFormat(seal, open) {
    const frame = createFrame(new Uint8Array(1200).fill(7).buffer);
    await seal.handle(frame);
    if (!open.handle(frame) || frame.data.byteLength !== 1200)
        throw new Error("the core does not open what WebCrypto sealed");
}

/** A stream that a pipe handles frames in, whether at once or later. */
export function transformThrough(pipeOf) {
    return new TransformStream({
        transform(frame, controller) {
            const result = pipeOf(frame).handle(frame);
            if (result === true) controller.enqueue(frame);
            return typeof result === "boolean" ? undefined
                : result.then(() => controller.enqueue(frame));
        },
    });
}
