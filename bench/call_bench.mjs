// CPU time of sottod per forwarded packet: one publisher and N subscribers in a real call over
// loopback, signalled here and carried by bench/call_load.c. The calls take turns, round by round,
// and so does udp_bench, which tells what the machine makes of the bare work at that time.
// Usage: node bench/call_bench.mjs BUILD
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Sottod } from "./sottod.mjs";
import { median, print } from "./statistics.mjs";

/** One by one, and as a camera's pictures come: 20 packets, 30 times a second. */
const LOADS = [
    { subscribers: 20, packetsAtOnce: 1 },
    { subscribers: 50, packetsAtOnce: 1 },
    { subscribers: 74, packetsAtOnce: 1 },
    { subscribers: 50, packetsAtOnce: 20 },
];
const SUBSCRIBER_COUNTS = [...new Set(LOADS.map(({ subscribers }) => subscribers))];
const PACKETS_PER_SECOND = 600;
const ROUNDS = 5;
const ROUND_MS = 1500;
const SSRC = 7;

const build = process.argv[2] ?? "build";

class Load {
    static async start() {
        const load = new Load();
        load.child = spawn(join(build, "bench/call_load"), { stdio: ["pipe", "pipe", "inherit"] });
        load.answers = createInterface({ input: load.child.stdout })[Symbol.asyncIterator]();
        load.fingerprint = (await load.#answer()).fingerprint;
        return load;
    }

    async #answer() {
        const { value, done } = await this.answers.next();
        if (done) throw new Error("call_load ended");
        return JSON.parse(value);
    }

    add(role, call, ssrc, payloadType, { iceParameters, iceCandidates, dtlsParameters }) {
        const { usernameFragment, password } = iceParameters;
        const { ip, port } = iceCandidates[0];
        const fingerprint = dtlsParameters.fingerprints[0].value;
        this.child.stdin.write(`transport ${role} ${call} ${ssrc} ${payloadType} ` +
            `${usernameFragment} ${password} ${ip}:${port} ${fingerprint}\n`);
    }

    order(line) {
        this.child.stdin.write(`${line}\n`);
        return this.#answer();
    }

    async stop() {
        this.child.stdin.end();
        if (this.child.exitCode === null) await once(this.child, "close");
    }
}

/** A participant's signalling (docs/signalling.md). */
class Participant {
    #lastId = 0;
    #waiting = new Map();
    #consumer;

    static async join(server, name, { roomId, token }, mode) {
        const participant = new Participant();
        participant.#consumer = new Promise((found) => (participant.found = found));
        participant.socket = new WebSocket(`ws://127.0.0.1:${server.port}/signal`, "sotto.1");
        participant.socket.onmessage = ({ data }) => participant.#take(JSON.parse(data));
        await once(participant.socket, "open");
        participant.answer = await participant.request("join", { token, roomId, mode,
            participantId: name, challenge: randomBytes(16).toString("base64url") });
        return participant;
    }

    #take({ id, event, data, error }) {
        if (event === "consumer-added") this.found(data);
        if (id === undefined) return;
        const { done, failed } = this.#waiting.get(id);
        if (error) failed(new Error(`${error.name}: ${error.message}`));
        else done(data);
    }

    request(method, data) {
        const id = ++this.#lastId;
        this.socket.send(JSON.stringify({ id, method, data }));
        return new Promise((done, failed) => this.#waiting.set(id, { done, failed }));
    }

    connect(transport, fingerprint) {
        const fingerprints = [{ algorithm: "sha-256", value: fingerprint }];
        return this.request("connect-transport",
            { transportId: transport.id, dtlsParameters: { role: "client", fingerprints } });
    }

    async publish(load, call) {
        const { sendTransport, routerRtpCapabilities } = this.answer;
        const { preferredPayloadType: payloadType, ...vp8 } = routerRtpCapabilities.codecs.find(
            ({ mimeType }) => mimeType.toLowerCase() === "video/vp8");
        await this.connect(sendTransport, load.fingerprint);
        await this.request("produce", { transportId: sendTransport.id, kind: "video",
            source: "camera",
            encryption: { format: "sotto", streamId: randomBytes(16).toString("base64url") },
            rtpParameters: { mid: "0", codecs: [{ ...vp8, payloadType }],
                encodings: [{ ssrc: SSRC }], rtcp: { cname: "load", reducedSize: true } } });
        load.add("publish", call, SSRC, payloadType, sendTransport);
    }

    async subscribe(load, call) {
        const { recvTransport, routerRtpCapabilities } = this.answer;
        await this.connect(recvTransport, load.fingerprint);
        await this.request("ready", { rtpCapabilities: routerRtpCapabilities });
        const { consumerId, rtpParameters } = await this.#consumer;
        await this.request("resume-consumer", { consumerId });
        load.add("subscribe", call, rtpParameters.encodings[0].ssrc,
            rtpParameters.codecs[0].payloadType, recvTransport);
    }
}

async function makeCall(server, load, call, subscriberCount) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/meet/token`,
        { method: "POST", body: "{}" });
    const room = await answer.json();
    const publisher = await Participant.join(server, "publisher", room, "SEND_AND_RECV");
    await publisher.publish(load, call);
    const participants = [publisher];
    for (let i = 0; i < subscriberCount; i++) {
        const subscriber = await Participant.join(server, `subscriber-${i}`, room, "RECV_ONLY");
        await subscriber.subscribe(load, call);
        participants.push(subscriber);
    }
    return participants;
}

async function measureRound(server, load, { subscribers, packetsAtOnce }) {
    const call = SUBSCRIBER_COUNTS.indexOf(subscribers);
    const before = server.cpuUs();
    const { sent, received } =
        await load.order(`load ${call} ${PACKETS_PER_SECOND} ${packetsAtOnce} ${ROUND_MS}`);
    const after = server.cpuUs();
    return { all: (after.all - before.all) / received,
        media: (after.media - before.media) / received,
        delivered: received / (sent * subscribers) };
}

function measureBare() {
    const { send_ns, seal_and_send_ns } =
        JSON.parse(execFileSync(join(build, "bench/udp_bench"), { encoding: "utf8" }));
    return { send: send_ns / 1000, both: seal_and_send_ns / 1000 };
}

const rounded = (value) => Number(value.toFixed(3));

function report({ subscribers, packetsAtOnce }, rounds) {
    const all = rounds.map((round) => round.all);
    print({ bench: "call", subscribers, packets_at_once: packetsAtOnce,
        packets_per_second: PACKETS_PER_SECOND, cpu_us_per_packet: rounded(median(all)),
        min: rounded(Math.min(...all)), max: rounded(Math.max(...all)),
        media_us_per_packet: rounded(median(rounds.map(({ media }) => media))),
        delivered_percent: rounded(100 * Math.min(...rounds.map((round) => round.delivered))) });
}

async function measure(server, load) {
    const samples = LOADS.map(() => []);
    const bare = [];
    for (let round = 0; round < ROUNDS; round++) {
        for (const [i, each] of LOADS.entries())
            samples[i].push(await measureRound(server, load, each));
        bare.push(measureBare());
    }
    for (const [i, each] of LOADS.entries()) report(each, samples[i]);
    print({ bench: "udp", send_us: rounded(median(bare.map(({ send }) => send))),
        seal_and_send_us: rounded(median(bare.map(({ both }) => both))) });
}

const server = await Sottod.start(build, () => ({
    SOTTO_MEDIA_WORKERS: "1",
    SOTTO_MEDIA_ANNOUNCED_ADDRESS: "127.0.0.1",
    SOTTO_WEB_ROOT: "",
    SOTTO_LIMITS_CONNECTIONS_PER_NETWORK: "400",
    SOTTO_LIMITS_PARTICIPANTS_PER_ROOM: "75",
}));
const load = await Load.start();
try {
    const people = [];
    for (const [call, count] of SUBSCRIBER_COUNTS.entries())
        people.push(...(await makeCall(server, load, call, count)));
    await load.order("connect");
    await measure(server, load);
    for (const { socket } of people) socket.close(1000);
} finally {
    await load.stop();
    await server.stop();
}
