// A call within the page whose pictures are noise, so that every frame has the size that is asked for.
const WARM_UP_MS = 3000;

/** Noise of that many large dots, anew in each frame. */
function noise({ width, height, framesPerSecond }) {
    const dots = Object.assign(document.createElement("canvas"),
        { width: width / 4, height: height / 4 });
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const [small, large] = [dots, canvas].map((each) => each.getContext("2d"));
    const image = small.createImageData(dots.width, dots.height);
    const pixels = new Uint32Array(image.data.buffer);
    let seed = 1;
    setInterval(() => {
        for (let i = 0; i < pixels.length; i++) {
            seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
            pixels[i] = seed | 0xff000000;
        }
        small.putImageData(image, 0, 0);
        large.drawImage(dots, 0, 0, width, height);
    }, 1000 / framesPerSecond);
    return canvas.captureStream(framesPerSecond).getVideoTracks()[0];
}

/** Lets the sender begin with its whole bitrate, which it would take half a minute to find. */
function withBitrate(description, kbps) {
    const sdp = description.sdp.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/, (line, type) =>
        `${line}a=fmtp:${type} x-google-start-bitrate=${kbps};x-google-max-bitrate=${kbps}\r\n`);
    return { type: description.type, sdp };
}

async function call(track, kbps, worker) {
    const [sender, receiver] = [0, 1].map(() =>
        new RTCPeerConnection({ encodedInsertableStreams: true }));
    sender.onicecandidate = ({ candidate }) => receiver.addIceCandidate(candidate);
    receiver.onicecandidate = ({ candidate }) => sender.addIceCandidate(candidate);
    const transceiver = sender.addTransceiver(track,
        { direction: "sendonly", sendEncodings: [{ maxBitrate: kbps * 1000 }] });
    transceiver.setCodecPreferences(RTCRtpSender.getCapabilities("video").codecs
        .filter(({ mimeType }) => mimeType === "video/VP8"));
    transceiver.sender.transform = new RTCRtpScriptTransform(worker, { operation: "seal" });
    receiver.ontrack = (event) => {
        event.receiver.transform = new RTCRtpScriptTransform(worker, { operation: "open" });
        const video = Object.assign(document.createElement("video"), { muted: true });
        video.srcObject = new MediaStream([event.track]);
        document.body.append(video);
        video.play();
    };
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription);
    await receiver.setLocalDescription();
    await sender.setRemoteDescription(withBitrate(receiver.localDescription, kbps));
    return [sender, receiver];
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

globalThis.measure = async ({ kbps, seconds, ...picture }) => {
    const worker = new Worker("/worker.js");
    const ends = await call(noise(picture), kbps, worker);
    const records = () => new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
        worker.postMessage("tell");
    });
    await sleep(WARM_UP_MS);
    await records();
    await sleep(seconds * 1000);
    const measured = (await records()).filter(({ us }) => us !== undefined);
    for (const end of ends) end.close();
    worker.terminate();
    return measured;
};
