// Runs in a Worker: the product's own Core on frames, beside WebCrypto on as many bytes. Everything
// takes turns within a round; medians go back, in microseconds per frame.
import { Core } from "../../web/packages/e2ee/src/worker/core.ts";
import { median } from "../statistics.mjs";

const SIZES = [100, 1200, 12_000];
const ROUNDS = 41;
/** Long enough for a clock of 5 µs, short enough to fit between other programs' turns. */
const BATCH_BYTES = 60_000;
const BATCH_COUNT_MAX = 200;
const WEB_CRYPTO_COUNT = 20;
const WARM_UP_MS = 300;
const STREAM_ID = new Uint8Array(16).fill(7);
const AAD_SIZE = 15;

async function createCore(variant, suite) {
    const core = await Core.create("2kyv-gzay-64pg", "alice", suite, variant);
    core.waiveLiveness();
    await core.setKey("secret", new Uint8Array(32).fill(3));
    const sealer = core.addSealer(STREAM_ID, "video");
    const opener = core.addOpener("alice", STREAM_ID, "video");
    return { core, sealer, opener };
}

function frames(size, count) {
    return Array.from({ length: count }, (_, i) => new Uint8Array(size).fill(i | 1).buffer);
}

async function timed(count, work) {
    const start = performance.now();
    await work();
    return ((performance.now() - start) * 1000) / count;
}

class CoreContender {
    static async create(variant, suite) {
        return Object.assign(new CoreContender(), await createCore(variant, suite),
            { name: variant, keyBits: suite === 4 ? 128 : 256 });
    }

    async round(size) {
        const count = Math.min(BATCH_COUNT_MAX, Math.ceil(BATCH_BYTES / size));
        const clear = frames(size, count);
        const codec = size < 1000 ? "opus" : "vp8";
        let sealed, opened;
        const seal = await timed(count, () => {
            sealed = clear.map((frame) => this.core.seal(this.sealer, codec, frame));
        });
        const open = await timed(count, () => {
            opened = sealed.map((frame) => this.core.open(this.opener, frame));
        });
        for (const frame of opened)
            if (frame.byteLength !== size) throw new Error(`opening gave ${frame}`);
        return { seal, open };
    }
}

class WebCryptoContender {
    name = "WebCrypto";
    #counter = 0;

    static async create(keyBits) {
        const key = await crypto.subtle.importKey("raw", new Uint8Array(keyBits / 8), "AES-GCM",
            false, ["encrypt", "decrypt"]);
        return Object.assign(new WebCryptoContender(), { key, keyBits });
    }

    #parameters(counter) {
        const iv = new Uint8Array(12);
        new DataView(iv.buffer).setUint32(8, counter);
        return { name: "AES-GCM", iv, additionalData: new Uint8Array(AAD_SIZE) };
    }

    async round(size) {
        const clear = frames(size, WEB_CRYPTO_COUNT);
        const first = this.#counter;
        this.#counter += WEB_CRYPTO_COUNT;
        const sealed = [];
        const seal = await timed(WEB_CRYPTO_COUNT, async () => {
            for (const [i, frame] of clear.entries())
                sealed.push(await crypto.subtle.encrypt(this.#parameters(first + i), this.key,
                    frame));
        });
        const open = await timed(WEB_CRYPTO_COUNT, async () => {
            for (const [i, frame] of sealed.entries())
                await crypto.subtle.decrypt(this.#parameters(first + i), this.key, frame);
        });
        return { seal, open };
    }
}

async function measure(contenders, size) {
    const samples = contenders.map(() => ({ seal: [], open: [] }));
    for (let round = 0; round < ROUNDS; round++) {
        for (const [i, contender] of contenders.entries()) {
            const { seal, open } = await contender.round(size);
            samples[i].seal.push(seal);
            samples[i].open.push(open);
        }
    }
    return contenders.map(({ name, keyBits }, i) => ({ bench: "browser core", by: name,
        key_bits: keyBits, size, seal_us: Number(median(samples[i].seal).toFixed(2)),
        open_us: Number(median(samples[i].open).toFixed(2)) }));
}

/** Until the browser has compiled everything as well as it can. */
async function warmUp(contenders) {
    for (const contender of contenders) {
        const end = performance.now() + WARM_UP_MS;
        while (performance.now() < end) await contender.round(1200);
    }
}

async function run() {
    const contenders = [];
    for (const suite of [4, 5]) {
        for (const variant of ["simd", "scalar"])
            contenders.push(await CoreContender.create(variant, suite));
        contenders.push(await WebCryptoContender.create(suite === 4 ? 128 : 256));
    }
    await warmUp(contenders);
    const records = [];
    for (const size of SIZES) records.push(...(await measure(contenders, size)));
    return records;
}

run().then(
    (records) => postMessage({ records }),
    (error) => postMessage({ error: String(error?.stack ?? error) }),
);
