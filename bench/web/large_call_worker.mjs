// The worker of a call whose frames go in turn through the product's own pipe and through one that
// gives them to WebCrypto. When asked, it tells of each frame how large it was, and how long it took
// from readable to writable, in microseconds.
import { createPipes, isWebCryptos, transformThrough } from "./web_crypto_pipe.mjs";

const pipes = createPipes();
let records = [];

self.onmessage = () => {
    postMessage(records);
    records = [];
};

self.onrtctransform = async ({ transformer }) => {
    const { readable, writable, options: { operation } } = transformer;
    const contenders = await pipes;
    const cameAt = new WeakMap();
    let count = 0;
    const choose = (frame) => {
        const isTheirs = operation === "seal" ? ++count % 2 === 0 : isWebCryptos(frame.data);
        const record = { operation, by: isTheirs ? "WebCrypto" : "core", size: frame.data.byteLength };
        records.push(Object.assign(cameAt.get(frame), record));
        return contenders[isTheirs ? "webCrypto" : "core"][operation];
    };
    const stamp = (look) => new TransformStream({
        transform(frame, controller) {
            look(frame, performance.now());
            controller.enqueue(frame);
        },
    });
    readable
        .pipeThrough(stamp((frame, now) => cameAt.set(frame, { now })))
        .pipeThrough(transformThrough(choose))
        .pipeThrough(stamp((frame, now) => {
            const record = cameAt.get(frame);
            record.us = (now - record.now) * 1000;
        }))
        .pipeTo(writable)
        .catch(() => {}); // closed at the end
};
