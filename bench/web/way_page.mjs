// Calls within the page at once, of the same moving picture and tone: sealed, in clear, and in clear
// through a worker that hands every frame on.
import { ExternalE2EEKeyProvider, FrameEncryption, prepareConnection } from "@sotto/e2ee";

/** Calls anew: when frames come in the cycle of the screen decides over more than all else does. */
const ROUNDS = 8;
const WIDTH = 640, HEIGHT = 360, FRAMES_PER_SECOND = 30;

/** A picture that never stands still, so that every frame has something to encode. */
function movingPicture() {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext("2d");
    setInterval(() => {
        const now = performance.now();
        for (let x = 0; x < WIDTH; x += 40) {
            context.fillStyle = `hsl(${(x + now / 5) % 360} 80% 50%)`;
            context.fillRect(x, 0, 40, HEIGHT);
        }
        context.fillStyle = "black";
        context.fillRect((now / 4) % WIDTH, HEIGHT / 3, 60, 60);
    }, 1000 / FRAMES_PER_SECOND);
    return canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks()[0];
}

function tone() {
    const audio = new AudioContext();
    const oscillator = new OscillatorNode(audio);
    const out = audio.createMediaStreamDestination();
    oscillator.connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
}

/** The encryption of both ends. What signalling would carry between them goes straight over. */
function encryptions(workerUrl) {
    const ends = {};
    const start = (participantId, other) => {
        const keyProvider = new ExternalE2EEKeyProvider({ workerUrl, liveness: false });
        keyProvider.setSharedKey(new Uint8Array(32).fill(7));
        return new FrameEncryption({
            keyProvider, roomId: "bench", participantId,
            onEvent: () => {}, onKeyFrameWanted: () => {},
            onFailure: (error) => setTimeout(() => { throw error; }),
            onAnswer: ({ message }) => ends[other].receiveAnswer(participantId, message),
            onChallengeWanted: ({ challenge }) =>
                ends[other].receiveChallenge(participantId, challenge),
        });
    };
    Object.assign(ends, { alice: start("alice", "bob"), bob: start("bob", "alice") });
    ends.alice.receiveChallenge("bob", ends.bob.drawChallenge());
    return [ends.alice, ends.bob];
}

/** What a call does with the frames of senders and receivers. */
const inClear = () => ({ settings: {}, ready: [], protectSender() {}, protectReceiver() {} });

function handedOn() {
    const worker = new Worker("/hand_on.js");
    const transform = (end) => { end.transform = new RTCRtpScriptTransform(worker, {}); };
    return { settings: {}, ready: [], protectSender: transform, protectReceiver: transform };
}

function sealed(workerUrl) {
    const [sender, receiver] = encryptions(workerUrl);
    const streamIds = {};
    return {
        settings: FrameEncryption.peerConnectionSettings,
        ready: [sender.ready, receiver.ready],
        prepare: prepareConnection,
        protectSender(end, kind) {
            streamIds[kind] = sender.protectSender(end, kind).streamId;
        },
        protectReceiver: (end, kind) => receiver.protectReceiver(end, {
            consumerId: kind, participantId: "alice", kind, streamId: streamIds[kind] }),
    };
}

/** Connects two peers; gives the video element that shows what arrives, and what ends the call. */
async function call(tracks, frames) {
    const sender = new RTCPeerConnection(frames.settings);
    const receiver = new RTCPeerConnection(frames.settings);
    const described = Promise.withResolvers(); // candidates come earlier, and are refused then
    const give = (end) => ({ candidate }) => described.promise.then(() => end.addIceCandidate(candidate));
    sender.onicecandidate = give(receiver);
    receiver.onicecandidate = give(sender);
    await Promise.all(frames.ready);
    frames.prepare?.(receiver);
    for (const track of tracks) {
        const transceiver = sender.addTransceiver(track, { direction: "sendonly" });
        frames.protectSender(transceiver.sender, track.kind);
    }
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription);
    const received = receiver.getTransceivers();
    received.forEach((transceiver, i) =>
        frames.protectReceiver(transceiver.receiver, tracks[i].kind));
    await receiver.setLocalDescription(await receiver.createAnswer());
    await sender.setRemoteDescription(receiver.localDescription);
    described.resolve();
    const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true });
    video.srcObject = new MediaStream(received.map((transceiver) => transceiver.receiver.track));
    document.body.append(video);
    await video.play();
    return { video, close: () => [sender, receiver].forEach((end) => end.close()) };
}

/** How long each of `count` frames took from the network to the screen, in milliseconds. */
function waits(video, count) {
    return new Promise((done) => {
        const found = [];
        video.requestVideoFrameCallback(function look(_, { receiveTime, presentationTime }) {
            if (receiveTime !== undefined) found.push(presentationTime - receiveTime);
            if (found.length >= count) done(found);
            else video.requestVideoFrameCallback(look);
        });
    });
}

async function ways() {
    const channel = new BroadcastChannel("ways");
    const all = { seal: [], open: [] };
    channel.onmessage = ({ data }) => {
        for (const operation of ["seal", "open"]) all[operation].push(...(data[operation] ?? []));
    };
    channel.postMessage("tell");
    await new Promise((done) => setTimeout(done, 1000)); // the workers of both ends answer
    return all;
}

const evenly = () => new Promise((done) => setTimeout(done, 2000));

globalThis.measure = async (count) => {
    const tracks = [tone(), movingPicture()];
    const stamped = await call(tracks, sealed("/stamping_worker.js"));
    await evenly();
    await waits(stamped.video, count);
    stamped.close();
    const all = { sealed: [], clear: [], handedOn: [] };
    for (let round = 0; round < ROUNDS; round++) await present(tracks, count / ROUNDS, all);
    return { waits: all, ways: await ways() };
};

/** Adds how long `count` frames of each of three calls at once took. */
async function present(tracks, count, all) {
    const makers = { sealed: () => sealed("/worker.js"), clear: inClear, handedOn };
    const calls = {};
    for (const [name, make] of Object.entries(makers)) calls[name] = await call(tracks, make());
    await evenly();
    await Promise.all(Object.entries(calls).map(async ([name, { video, close }]) => {
        all[name].push(...await waits(video, count));
        close();
        video.remove();
    }));
}
