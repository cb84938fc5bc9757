// Where encryption cannot work nothing is sent, and the page says why.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertCall, assertSendsNothing, assertSees, mediaTotals } from "./checks.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";

/** What goes wrong after the page has seen that everything is there. */
const missing: [string, () => void, RegExp][] = [
  ["no Worker", () => Reflect.deleteProperty(window, "Worker"), /no Web Workers/],
  [
    "no WebAssembly",
    () => Reflect.deleteProperty(window, "WebAssembly"),
    /WebAssembly is switched off/,
  ],
  [
    "no transform",
    () => {
      Reflect.deleteProperty(window, "RTCRtpScriptTransform");
      Reflect.deleteProperty(RTCRtpSender.prototype, "createEncodedStreams");
    },
    /cannot transform encoded media/,
  ],
  [
    "a worker that does not load",
    () => {
      const Original = Worker;
      window.Worker = class extends Original {
        constructor() {
          super("/there-is-no-worker-here.js");
        }
      };
    },
    /worker at \S+ could not run/,
  ],
  [
    "a transform that is refused",
    () => {
      class Refused {
        constructor() {
          throw new Error("not today");
        }
      }
      Object.assign(window, { RTCRtpScriptTransform: Refused });
    },
    /refused to transform a stream: not today/,
  ],
];

/** What somebody does to a running call's worker; each from inside of it. */
const deaths: [string, () => void, RegExp][] = [
  ["ends", () => self.close(), /stopped answering/],
  [
    "throws",
    () =>
      void setTimeout(() => {
        throw new Error("boom");
      }),
    /worker failed: Uncaught Error: boom/,
  ],
  [
    "hangs",
    () =>
      void setTimeout(() => {
        for (;;);
      }),
    /stopped answering/,
  ],
];

describe("fails closed", () => {
  let server: Server;
  let bob: Person;

  before(async () => {
    server = await Server.start();
    bob = await Person.create("bob");
  });

  after(async () => {
    await bob?.close();
    await server?.stop();
  });

  for (const [name, fault, message] of missing) {
    test(name, async () => {
      const alice = await Person.create("alice");
      try {
        await alice.page.goto(server.url);
        await alice.button("New meeting").click();
        await alice.page.evaluate(fault);
        await alice.page.locator('[data-page="lobby"] button.primary').click();
        await alice.page.locator('[role="alert"]').filter({ hasText: message }).waitFor();
        await assertSendsNothing(alice);
        assert.equal((await mediaTotals(alice)).sentBytes, 0, "media was sent");
      } finally {
        await alice.close();
      }
    });
  }

  for (const [name, death, message] of deaths) {
    test(`a worker that ${name} in mid-call`, async () => {
      const alice = await Person.create("alice", { initScript: rememberTracks });
      try {
        await bob.join(await alice.startMeeting(server.url));
        await assertCall(alice, bob);
        const [worker] = alice.page.workers();
        assert.ok(worker, "there is no worker");
        await worker.evaluate(death).catch(() => {}); // It may be gone before it answers.

        await bob.until(() => bob.look().then((sight) => sight?.time), hasStopped(), 5000);
        await assertSendsNothing(alice, 500);
        await alice.page.locator('[role="alert"]').filter({ hasText: message }).waitFor();
        await bob.until(
          () => bob.tile().count(),
          (count) => count === 0,
        );
        const tracks = await alice.page.evaluate(readCallTracks);
        assert.deepEqual(tracks, ["ended", "ended"], "camera or microphone stay open");
      } finally {
        await alice.close();
      }
    });
  }

  test("and after such an end a new start works", async () => {
    const alice = await Person.create("alice");
    try {
      await bob.join(await alice.startMeeting(server.url));
      await alice.page
        .workers()[0]
        ?.evaluate(() => self.close())
        .catch(() => {});
      await alice.page
        .locator('[role="alert"]')
        .filter({ hasText: /answering/ })
        .waitFor();
      await alice.rejoin();
      await Promise.all([assertSees(bob, "alice"), assertSees(alice, "bob")]);
    } finally {
      await alice.close();
    }
  });
});

/** Before the page's scripts: keeps the tracks that the lobby hands to the meeting. */
function rememberTracks(): void {
  const tracks: MediaStreamTrack[] = [];
  Object.assign(window, { sottoTracks: tracks });
  const clone = MediaStreamTrack.prototype.clone;
  MediaStreamTrack.prototype.clone = function () {
    const track = clone.call(this);
    tracks.push(track);
    return track;
  };
}

function readCallTracks(): string[] {
  const { sottoTracks = [] } = window as { sottoTracks?: MediaStreamTrack[] };
  return sottoTracks.map(({ readyState }) => readyState);
}

/** Good once the picture has been the same for 600 ms. */
function hasStopped(): (time: number | undefined) => boolean {
  let [last, since]: [number | undefined, number] = [undefined, Date.now()];
  return (time) => {
    if (time !== last) [last, since] = [time, Date.now()];
    return Date.now() - since > 600;
  };
}
