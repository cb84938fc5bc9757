// Wrong keys, missing keys, typed keys; and where a key must never be found.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import {
  assertCall,
  assertHears,
  assertNoPageErrors,
  assertSees,
  assertSeesAndHearsNothing,
  assertSendsNothing,
  mediaTotals,
} from "./checks.ts";
import { Person } from "./person.ts";
import { BUILD, Server } from "./server.ts";

const MEND_TIME_MS = 1000;

describe("keys", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;
  /** Everything that the browsers said to a network. */
  const sent: string[] = [];

  before(async () => {
    server = await Server.start({ SOTTO_LOG_LEVEL: "debug" });
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
    for (const { context, page } of [alice, bob]) {
      context.on("request", async (request) => {
        sent.push(request.url(), request.postData() ?? "");
        sent.push(JSON.stringify(await request.allHeaders().catch(() => ({}))));
      });
      page.on("websocket", (socket) =>
        socket.on("framesent", ({ payload }) => sent.push(socket.url(), payload.toString())),
      );
    }
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  async function assertMended(): Promise<void> {
    const took = await Promise.all([
      assertSees(bob, "alice"),
      assertSees(alice, "bob"),
      assertHears(bob, "alice"),
      assertHears(alice, "bob"),
    ]);
    assert.ok(Math.max(...took) < MEND_TIME_MS, `pictures and sounds took ${took.join(", ")} ms`);
  }

  test("a wrong key shows nothing and says why; the right one mends it within a second", async () => {
    const link = await alice.startMeeting(server.url);
    const [address = "", key = ""] = link.split("#");
    await bob.join(address, "not the key");
    await bob.waitForState("video", "DecryptionFailed missing-key");
    await bob.waitForState("audio", "DecryptionFailed missing-key");
    await alice.waitForState("video", "DecryptionFailed missing-key");
    await Promise.all([assertSeesAndHearsNothing(alice), assertSeesAndHearsNothing(bob)]);

    await bob.useKey(key);
    await assertMended();
    assert.equal(await alice.safetyCode(), await bob.safetyCode());
  });

  test("without a key nothing is sent at all; a key mends it within a second", async () => {
    const link = await alice.copyLink();
    const [address = "", key = ""] = link.split("#");
    await bob.button("Leave").click();
    await bob.join(address);
    for (const kind of ["video", "audio"] as const) {
      await bob.waitForState(kind, "EncryptionFailed missing-key", "camera", true);
      await bob.waitForState(kind, "DecryptionFailed missing-key");
    }
    await Promise.all([assertSendsNothing(bob), assertSeesAndHearsNothing(bob)]);
    assert.equal((await mediaTotals(bob)).sentBytes, 0, "media was sent without a key");

    await bob.useKey(key);
    await assertMended();
    await bob.waitForState("video", "EncryptionSuccess", "camera", true);
    assert.equal(await bob.copyLink(), link, "the link with the key typed in is another");
  });

  test("another key in mid-call: those who have it go on, and the code is that of the CLI", async () => {
    const [, room] = /\/m\/([^#]+)/.exec(await alice.copyLink()) ?? [];
    const before = await alice.safetyCode();
    for (const person of [alice, bob]) await person.useKey("correct horse, said aloud");
    for (const person of [alice, bob])
      await person.until(
        () => person.safetyCode(),
        (code) => code !== before,
      );
    await assertCall(alice, bob);
    const code = execFileSync(join(BUILD, "sotto"), ["key", "code", "--room", room ?? ""], {
      input: "correct horse, said aloud",
      encoding: "utf8",
    });
    assert.equal(await alice.safetyCode(), code.trim());
    assert.equal(await bob.safetyCode(), code.trim());
  });

  test("a key in the address is taken out of it and used, also in mid-call", async () => {
    const link = await alice.copyLink();
    await bob.button("Leave").click();
    await bob.join(link.split("#")[0] ?? "", "not the key");
    await bob.waitForState("video", "DecryptionFailed missing-key");
    await bob.page.evaluate((hash) => (location.hash = hash), link.split("#")[1] ?? "");
    await assertSees(bob, "alice");
    assert.ok(!bob.page.url().includes("#"));
    assert.equal(await bob.copyLink(), link);
  });

  test("no key is where others could find it", async () => {
    const link = await alice.startMeeting(server.url);
    const raw = link.split("#")[1] ?? "";
    const typed = ["correct horse", "a key half typed", "not the key"];
    await bob.join(link);
    await assertCall(alice, bob);
    // Typed into the page, and not given yet.
    await bob.button("Key").click();
    await bob.page.locator('.key-entry input[name="key"]').fill("a key half typed");
    for (const { page } of [alice, bob]) {
      assertNowhere(await page.evaluate(readTraces), [raw, ...typed], "the page");
    }
    await alice.page.goBack();
    assertNowhere([alice.page.url()], [raw, "#"], "the history");
    assert.ok(
      sent.some((text) => text.includes("/signal")),
      "the WebSocket was not listened to",
    );
    assertNowhere(sent, [raw, ...typed], "what browsers sent");
    assertNowhere([server.log], [raw, ...typed], "the server's log");
    assertNoPageErrors(alice, bob);
  });
});

/** Everything of a page that others may come to see. */
function readTraces(): string[] {
  const { navigation } = window as { navigation?: { entries(): { url: string | null }[] } };
  return [
    location.href,
    document.documentElement.outerHTML,
    document.title,
    document.cookie,
    document.referrer,
    JSON.stringify(history.state),
    JSON.stringify({ ...localStorage, ...sessionStorage }),
    ...(navigation?.entries().map(({ url }) => url ?? "") ?? []),
  ];
}

function assertNowhere(texts: string[], secrets: string[], where: string): void {
  for (const secret of secrets) {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64url")];
    for (const form of forms)
      assert.ok(!texts.some((text) => text.includes(form)), `"${form}" stands in ${where}`);
  }
}
