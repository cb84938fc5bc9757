// Two calls within the page at once, one sealed and one not, of the same moving picture and tone.
import { coverUnannounced, ExternalE2EEKeyProvider, FrameEncryption } from "@sotto/e2ee";

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
function encryptions() {
    const ends = {};
    const start = (participantId, other) => {
        const keyProvider = new ExternalE2EEKeyProvider({ workerUrl: "/worker.js", liveness: false });
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

/** Connects two peers; gives the video element that shows what arrives. */
async function call(tracks, isSealed) {
    const settings = isSealed ? FrameEncryption.peerConnectionSettings : {};
    const sender = new RTCPeerConnection(settings), receiver = new RTCPeerConnection(settings);
    sender.onicecandidate = ({ candidate }) => receiver.addIceCandidate(candidate);
    receiver.onicecandidate = ({ candidate }) => sender.addIceCandidate(candidate);
    const ends = isSealed ? encryptions() : [];
    await Promise.all(ends.map((end) => end.ready));
    if (isSealed) coverUnannounced(receiver);
    const streamIds = tracks.map((track) => {
        const transceiver = sender.addTransceiver(track, { direction: "sendonly" });
        return ends[0]?.protectSender(transceiver.sender, track.kind).streamId;
    });
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription);
    const received = receiver.getTransceivers();
    received.forEach((transceiver, i) => ends[1]?.protectReceiver(transceiver.receiver, {
        consumerId: String(i), participantId: "alice", kind: tracks[i].kind,
        streamId: streamIds[i] }));
    await receiver.setLocalDescription(await receiver.createAnswer());
    await sender.setRemoteDescription(receiver.localDescription);
    const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true });
    video.srcObject = new MediaStream(received.map((transceiver) => transceiver.receiver.track));
    document.body.append(video);
    await video.play();
    return video;
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

globalThis.measure = async (count) => {
    const tracks = [tone(), movingPicture()];
    const [sealed, clear] = [await call(tracks, true), await call(tracks, false)];
    await new Promise((done) => setTimeout(done, 2000)); // until both run evenly
    const [sealedWaits, clearWaits] = await Promise.all([sealed, clear].map((video) =>
        waits(video, count)));
    return { sealedWaits, clearWaits, ways: await ways() };
};
