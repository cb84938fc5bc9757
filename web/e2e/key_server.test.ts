// The README's React example, as it stands there, with examples/key-server behind it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { assertDecodesNothing, assertNoPageErrors, assertSight, assertSound } from "./checks.ts";
import { KeyServer, ROOT } from "./key_server.ts";
import { readTone } from "./page_scripts.ts";
import { Person } from "./person.ts";

const PASSWORDS = { alice: "a password of alice", bob: "a password of bob", guest: "one of a guest" };
/** The page asks its backend every five seconds. */
const ASKED_MS = 8000;

type Name = "alice" | "bob";

interface Invitation {
  token: string;
  key: string;
  participantId: string;
}

test("the README carries the example as it is", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, section = ""] = readme.split("\n## In your React app\n");
  const blocks = [...section.split("\n## ")[0]?.matchAll(/```jsx\n([^]*?)```\n/g) ?? []];
  const file = readFileSync(join(ROOT, "examples/key-server/web/app.jsx"), "utf8");
  assert.deepEqual(
    blocks.map(([, code]) => code),
    [file],
  );
});

describe("an app's own backend", () => {
  let server: KeyServer;
  let alice: Person;
  let bob: Person;
  let meetingId: string;
  /** What backends gave to browsers, and what the browsers said to a network. */
  const given: Invitation[] = [];
  const addresses: string[] = [];
  const toSottod: string[] = [];
  const cookies = new Map<string, string>();

  before(async () => {
    server = await KeyServer.start(PASSWORDS);
    const flags = [server.trust];
    [alice, bob] = await Promise.all([
      Person.create("alice", { flags }),
      Person.create("bob", { flags }),
    ]);
    for (const { context, page } of [alice, bob]) {
      context.on("request", (request) => addresses.push(request.url()));
      context.on("response", async (response) => {
        if (!response.url().endsWith("/join") || !response.ok()) return;
        await response.json().then((body: Invitation) => given.push(body), () => {});
      });
      page.on("websocket", (socket) => {
        addresses.push(socket.url());
        socket.on("framesent", ({ payload }) => toSottod.push(payload.toString()));
      });
    }
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  const place = (person: Person, name: Name) => person.page.locator(`section[aria-label="${name}"]`);
  const look = (person: Person, name: Name) =>
    assertSight(person, name, () => person.lookAt(`section[aria-label="${name}"] video`), ASKED_MS);
  const listen = (person: Person, name: Name) =>
    assertSound(
      person,
      name,
      () => person.page.evaluate(readTone, `section[aria-label="${name}"] audio`),
      ASKED_MS,
    );

  async function waitForState(person: Person, name: Name, state: string): Promise<void> {
    const text = `${name} · camera: ${state} · microphone: ${state}`;
    await place(person, name).getByText(text, { exact: true }).waitFor({ timeout: ASKED_MS });
  }

  async function assertBothSeeAndHear(): Promise<void> {
    await Promise.all([look(alice, "bob"), look(bob, "alice")]);
    await Promise.all([listen(alice, "bob"), listen(bob, "alice")]);
  }

  async function signIn(person: Person): Promise<void> {
    await person.page.goto(server.origin);
    await person.page.getByLabel("Name").fill(person.name);
    await person.page.getByLabel("Password").fill(PASSWORDS[person.name]);
    await person.button("Sign in").click();
  }

  async function invite(people: string): Promise<void> {
    await alice.page.getByLabel("People").fill(people);
    await alice.button("Change").click();
  }

  /** As the page gets it, past the page. */
  async function invitationOf(name: keyof typeof PASSWORDS): Promise<Invitation> {
    const { text } = await server.post(`/meetings/${meetingId}/join`, {}, await cookieOf(name));
    return JSON.parse(text) as Invitation;
  }

  /** One sign-in for each, apart from that in the page. */
  async function cookieOf(name: keyof typeof PASSWORDS): Promise<{ cookie: string }> {
    const known = cookies.get(name);
    if (known) return { cookie: known };
    const { status, headers } = await server.post("/sign-in", { name, password: PASSWORDS[name] });
    assert.equal(status, 200);
    const [cookie = ""] = headers["set-cookie"] ?? [];
    assert.match(cookie, /^__Host-session=[\w-]{43}; .*Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    const pair = cookie.split(";")[0] ?? "";
    cookies.set(name, pair);
    return { cookie: pair };
  }

  test("two who are signed in and invited see and hear each other, and the page says how", async () => {
    await Promise.all([signIn(alice), signIn(bob)]);
    await alice.page.getByLabel("People").fill("bob");
    await alice.button("New meeting").click();
    meetingId = (await alice.page.locator("code").textContent()) ?? "";
    await bob.page.getByLabel("Meeting").fill(meetingId);
    await bob.button("Join").click();
    await assertBothSeeAndHear();
    for (const [person, other] of [
      [alice, "bob"],
      [bob, "alice"],
    ] as const) {
      await waitForState(person, person.name, "EncryptionSuccess");
      await waitForState(person, other, "DecryptionSuccess");
      await person.page.getByText("End-to-end encrypted", { exact: true }).waitFor();
    }
    const code = (person: Person) => person.page.getByText(/^Safety code: \d{4} \d{4} \d{4}$/);
    assert.equal(await code(alice).textContent(), await code(bob).textContent());
  });

  test("who is not signed in, not invited or on another site gets neither token nor key", async () => {
    const path = `/meetings/${meetingId}/join`;
    const mine = await cookieOf("alice");
    const theirs = await cookieOf("guest");
    const refusals = [
      [401, await server.post(path, {})],
      [401, await server.post(path, {}, { cookie: "__Host-session=" })],
      [401, await server.post("/sign-in", { name: "alice", password: PASSWORDS.bob })],
      [403, await server.post(path, {}, theirs)],
      [403, await server.post("/meetings/2kyv-gzay-64pg/join", {}, theirs)],
      [403, await server.post(`/meetings/${meetingId}/members`, { people: ["guest"] }, theirs)],
      [403, await server.post(path, {}, { ...mine, origin: "https://other.example" })],
      [415, await server.post(path, {}, { ...mine, "content-type": "text/plain" })],
    ] as const;
    for (const [status, answer] of refusals) {
      assert.equal(answer.status, status, answer.text);
      assert.deepEqual(Object.keys(JSON.parse(answer.text) as object), ["error"]);
    }
    // It does not tell which meetings exist.
    assert.equal(refusals[3][1].text, refusals[4][1].text);
    const good = await server.post(path, {}, mine);
    assert.equal(good.status, 200);
    assert.equal(good.headers["cache-control"], "no-store");
  });

  test("the token is good for one room and one person, and not for REST", async () => {
    const { token, key } = await invitationOf("bob");
    const claims = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
    ) as Record<string, unknown>;
    assert.deepEqual(
      [claims.roomId, claims.participantId, claims.permissions, claims.roles],
      [meetingId, "bob", ["allow_join"], ["rtc"]],
    );
    assert.equal(Number(claims.exp) - Number(claims.iat), 120);
    assert.equal(Buffer.from(key, "base64url").length, 32);
  });

  test("somebody removed opens nothing more with the key that they have", async () => {
    const before = (await invitationOf("alice")).key;
    // A page that does not do as it is told: it asks no more, and keeps key and connection.
    await bob.page.route("**/join", (route) => route.abort());
    await invite("");
    await place(alice, "bob").waitFor({ state: "detached", timeout: ASKED_MS });
    assert.notEqual((await invitationOf("alice")).key, before);
    await waitForState(bob, "alice", "DecryptionFailed");
    await assertDecodesNothing(bob);
    assert.deepEqual(Object.keys(await invitationOf("bob")), ["error"]);
  });

  test("invited again, they get the new key; removed again, the page leaves by itself", async () => {
    await invite("bob");
    await bob.page.unroute("**/join");
    await place(alice, "bob").waitFor({ timeout: ASKED_MS });
    await assertBothSeeAndHear();
    await waitForState(bob, "alice", "DecryptionSuccess");

    await invite("");
    const refusal = bob.page.getByText("You are not invited to this meeting.");
    await refusal.waitFor({ timeout: ASKED_MS });
    assert.equal(await bob.page.locator("section").count(), 0);
    assertNoPageErrors(alice, bob);
  });

  test("keys and tokens are in no address, no log and no file, and no key goes to sottod", () => {
    const keys = [...new Set(given.map(({ key }) => key))];
    const tokens = [...new Set(given.map(({ token }) => token))];
    assert.ok(keys.length >= 2, "the pages have not got the second key");
    assert.ok(addresses.some((address) => address.startsWith("wss://")));
    const isSaid = (secret: string) => toSottod.some((text) => text.includes(secret));
    assert.ok(tokens.some(isSaid), "the WebSocket was not listened to");
    assertNowhere(toSottod, keys, "what was sent to sottod");
    assertNowhere(addresses, [...keys, ...tokens], "an address");
    assert.match(server.log, /"\/meetings\/:id\/join"/);
    assert.match(server.log, /"participant_joined"/);
    assertNowhere([server.log], [...keys, ...tokens, ...Object.values(PASSWORDS)], "a log");
    const files = readdirSync(server.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    assertNowhere(files, [...keys, ...Object.values(PASSWORDS)], "a file");
  });
});

function assertNowhere(texts: string[], secrets: string[], where: string): void {
  for (const secret of secrets) {
    const bytes = Buffer.from(secret, "base64url");
    for (const form of [secret, bytes.toString("base64"), bytes.toString("hex"), bytes.toString("latin1")])
      assert.ok(!texts.some((text) => text.includes(form)), `a secret stands in ${where}`);
  }
}
