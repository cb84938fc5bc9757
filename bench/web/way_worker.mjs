// The product's own worker, with a stamp on each frame where it comes in and where it goes out again.
// Over the channel "ways" it tells, when asked, how long each frame took in between, in microseconds.
import { run } from "../../web/packages/e2ee/src/worker/main.ts";

const ways = { seal: [], open: [] };

new BroadcastChannel("ways").onmessage = ({ target, data }) => {
    if (data === "tell") target.postMessage(ways);
};

/** The transformer with its two ends replaced by ends that pass the stamps. */
function stamped(transformer) {
    const cameAt = new WeakMap();
    const inward = new TransformStream({
        transform(frame, controller) {
            cameAt.set(frame, performance.now());
            controller.enqueue(frame);
        },
    });
    const outward = new TransformStream({
        transform(frame, controller) {
            const way = (performance.now() - cameAt.get(frame)) * 1000;
            ways[transformer.options.operation].push(way);
            controller.enqueue(frame);
        },
    });
    outward.readable.pipeTo(transformer.writable).catch(() => {}); // closed at the end
    return {
        readable: transformer.readable.pipeThrough(inward),
        writable: outward.writable,
        options: transformer.options,
        generateKeyFrame: transformer.generateKeyFrame?.bind(transformer),
        sendKeyFrameRequest: transformer.sendKeyFrameRequest?.bind(transformer),
    };
}

run({
    set onmessage(handler) {
        self.onmessage = handler;
    },
    set onrtctransform(handler) {
        self.onrtctransform = ({ transformer }) => handler({ transformer: stamped(transformer) });
    },
    postMessage: (message) => self.postMessage(message),
    close: () => self.close(),
});
