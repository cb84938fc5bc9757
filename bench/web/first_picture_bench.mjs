// What liveness adds to the time from joining to the first picture: somebody joins a call again and
// again, with and without it in turn, through sottod. Usage: node bench/web/first_picture_bench.mjs BUILD
import { resolve } from "node:path";

import { median, print } from "../statistics.mjs";

const ROUNDS = 30;

process.env.SOTTO_BUILD_DIR ??= resolve(process.argv[2] ?? "build");
const { Person } = await import("../../web/e2e/person.ts");
const { buildSdkPage, SdkPage } = await import("../../web/e2e/sdk_page.ts");
const { Server } = await import("../../web/e2e/server.ts");

/** A raw key, which is ready at once: a text key would take longer than all the rest. */
const key = Array.from({ length: 32 }, (_, i) => i);

/** Of the page: joins, and gives the time until a picture of the other one is on the screen. */
async function joinAndLook(meeting) {
    const video = document.body.appendChild(document.createElement("video"));
    video.muted = true;
    const isThere = new Promise((done) => {
        video.requestVideoFrameCallback((now) => done(now));
        meeting.events.on("stream-enabled", ({ participant, stream }) => {
            if (participant.isLocal || stream.kind !== "video") return;
            video.srcObject = new MediaStream([stream.track]);
            video.play().catch(() => {});
        });
    });
    const begin = performance.now();
    await meeting.join();
    const took = (await isThere) - begin;
    meeting.leave();
    video.remove();
    return took;
}

const server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
const [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
try {
    const roomId = await server.createRoom();
    const [alicePage, bobPage] = [await SdkPage.open(alice, server), await SdkPage.open(bob, server)];
    await alicePage.joined({ roomId, participantId: "alice", key });
    await alicePage.waitForState("alice video EncryptionSuccess");
    const times = { with: [], without: [] };
    for (let i = 0; i < 2 * (ROUNDS + 1); i++) {
        const liveness = i % 2 === 0;
        const meeting = await bobPage.meeting({ roomId, participantId: `bob ${i}`, key, liveness });
        const took = await meeting.evaluate(joinAndLook);
        if (i > 1) times[liveness ? "with" : "without"].push(took); // the first of each warms up
    }
    print({ bench: "first picture", joins: ROUNDS, with_ms: median(times.with),
        without_ms: median(times.without), difference_ms: median(times.with) - median(times.without),
        browser: bob.context.browser()?.version() });
} finally {
    await Promise.all([alice.close(), bob.close()]);
    await server.stop();
}
