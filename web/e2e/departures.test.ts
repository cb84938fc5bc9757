// People who go away without saying so.

import { after, before, describe, test } from "node:test";

import { assertCall } from "./checks.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";

const GONE_TIMEOUT_MS = 10_000;

describe("who goes away is gone within 10 s", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;

  before(async () => {
    server = await Server.start();
    alice = await Person.create("alice");
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  const isGone = () =>
    alice.until(
      () => alice.tile().count(),
      (count) => count === 0,
      GONE_TIMEOUT_MS,
    );

  test("a tab that is closed", async () => {
    bob = await Person.create("bob");
    await bob.join(await alice.startMeeting(server.url));
    await assertCall(alice, bob);
    await bob.page.close({ runBeforeUnload: false });
    await isGone();
    await bob.close();
  });

  test("a browser that is killed", async () => {
    bob = await Person.create("bob");
    await bob.join(await alice.copyLink());
    await assertCall(alice, bob);
    await bob.kill();
    await isGone();
  });
});
