// Runs in a Worker: large frames on their whole way from a readable to a writable, through the
// product's own pipe and through one that gives them to WebCrypto. The two take turns within a round,
// and each frame is sent when the one before has arrived; medians and 95th percentiles go back, in
// microseconds.
import { median, percentile } from "../statistics.mjs";
import { createFrame, createPipes, transformThrough } from "./web_crypto_pipe.mjs";

const SIZES = [12_000, 50_000, 100_000];
const ROUNDS = 40;
const FRAMES_PER_ROUND = 8;
const WARM_UP_MS = 500;

const clear = (size) => createFrame(new Uint8Array(size).fill(7).buffer);

/** A pipe between a readable and a writable, as a transformer has them. */
class Way {
    constructor(pipe) {
        const source = new ReadableStream({ start: (controller) => { this.source = controller; } });
        const sink = new WritableStream({ write: (frame) => this.arrived(frame) });
        source.pipeThrough(transformThrough(() => pipe)).pipeTo(sink);
    }

    send(frame) {
        const arrival = new Promise((done) => { this.arrived = done; });
        this.source.enqueue(frame);
        return arrival;
    }
}

async function timed(work) {
    const start = performance.now();
    await work();
    return (performance.now() - start) * 1000;
}

class Contender {
    constructor(name, { seal, open }) {
        Object.assign(this, { name, seal: new Way(seal), open: new Way(open),
            samples: { seal: [], open: [], wait: [] } });
    }

    async round(size) {
        const frames = Array.from({ length: FRAMES_PER_ROUND }, () => clear(size));
        for (const operation of ["seal", "open"])
            for (const frame of frames)
                this.samples[operation].push(await timed(() => this[operation].send(frame)));
        for (const { data } of frames)
            if (data.byteLength !== size) throw new Error(`${this.name}: ${data.byteLength} bytes`);
    }

    /** How long a frame of sound takes that comes right behind a large one of another stream. */
    async wait(size, sound) {
        const large = this.seal.send(clear(size));
        this.samples.wait.push(
            await timed(() => sound.send(createFrame(new Uint8Array(100).buffer))));
        await large;
    }

    /** What was measured since the last time. */
    take(size) {
        const { seal, open, wait } = this.samples;
        this.samples = { seal: [], open: [], wait: [] };
        const summary = { seal_us: median(seal), open_us: median(open), sound_us: median(wait),
            seal_p95_us: percentile(seal, 0.95), open_p95_us: percentile(open, 0.95) };
        for (const name of Object.keys(summary)) summary[name] = Math.round(summary[name]);
        return { bench: "way", by: this.name, size, ...summary };
    }
}

async function warmUp(contenders) {
    for (const contender of contenders) {
        const end = performance.now() + WARM_UP_MS;
        while (performance.now() < end) await contender.round(12_000);
        contender.take();
    }
}

async function run() {
    const pipes = await createPipes();
    const contenders = [new Contender("core", pipes.core),
        new Contender("WebCrypto", pipes.webCrypto)];
    const sound = new Way(pipes.sound);
    await warmUp(contenders);
    const records = [];
    for (const size of SIZES) {
        for (let round = 0; round < ROUNDS; round++)
            for (const contender of contenders) {
                await contender.round(size);
                await contender.wait(size, sound);
            }
        records.push(...contenders.map((contender) => contender.take(size)));
    }
    return records;
}

run().then(
    (records) => postMessage({ records }),
    (error) => postMessage({ error: String(error?.stack ?? error) }),
);
