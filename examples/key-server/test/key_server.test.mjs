// The parts of the backend by themselves; web/e2e/key_server.test.ts has all of it together.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Backend } from "../backend.mjs";
import { Meetings } from "../meetings.mjs";
import { pageHeaders } from "../pages.mjs";
import { RateLimit } from "../rate_limit.mjs";
import { Sessions } from "../sessions.mjs";
import { Sottod } from "../sottod.mjs";
import { addUser, isPassword } from "../users.mjs";

const HOUR_MS = 3600_000;
const refusal = (status) => ({ name: "Error", status });

/** @param {(path: string) => Promise<void>} run is given where the file of users is to be */
async function withUsers(run) {
  const folder = mkdtempSync(join(tmpdir(), "sotto-users-"));
  try {
    await run(join(folder, "users.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("users", () => {
  test("the right password of the right name is right, and nothing else", () =>
    withUsers(async (path) => {
      assert.equal(await isPassword(path, "alice", "before there is a file"), false);
      await addUser(path, "alice", "a password of alice");
      await addUser(path, "bob", "a password of bob");
      assert.equal(await isPassword(path, "alice", "a password of alice"), true);
      for (const [name, password] of [
        ["alice", "a password of bob"],
        ["alice", ""],
        ["Alice", "a password of alice"],
        ["nobody", "a password of alice"],
        ["__proto__", "a password of alice"],
        ["constructor", ""],
      ])
        assert.equal(await isPassword(path, name, password), false, name);
      await addUser(path, "alice", "another one of alice");
      assert.equal(await isPassword(path, "alice", "a password of alice"), false);
      assert.equal(await isPassword(path, "alice", "another one of alice"), true);
    }));

  test("the file has no password in it, and is its owner's alone", () =>
    withUsers(async (path) => {
      await addUser(path, "alice", "a password of alice");
      assert.ok(!readFileSync(path, "utf8").includes("password"));
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }));

  test("short passwords and odd names are refused", () =>
    withUsers(async (path) => {
      await assert.rejects(addUser(path, "alice", "short"), /at least 8/);
      await assert.rejects(addUser(path, "alice bob", "long enough"), /a-z/);
      await assert.rejects(addUser(path, "", "long enough"), /a-z/);
    }));
});

describe("sessions", () => {
  const pairOf = (cookie) => cookie.split(";")[0];

  test("a cookie stands for who signed in, until they sign out", () => {
    const sessions = new Sessions();
    const alice = sessions.begin("alice");
    const bob = sessions.begin("bob");
    assert.notEqual(pairOf(alice), pairOf(bob));
    assert.equal(sessions.userOf(`other=1; ${pairOf(alice)}`), "alice");
    assert.match(sessions.end(pairOf(alice)), /Max-Age=0/);
    assert.equal(sessions.userOf(pairOf(alice)), undefined);
    assert.equal(sessions.userOf(pairOf(bob)), "bob");
    for (const cookies of [undefined, "", "__Host-session=", "session=alice"])
      assert.equal(sessions.userOf(cookies), undefined);
  });

  test("it ends after twelve hours", () => {
    let now = 0;
    const sessions = new Sessions(() => now);
    const alice = pairOf(sessions.begin("alice"));
    now = 12 * HOUR_MS - 1;
    assert.equal(sessions.userOf(alice), "alice");
    now++;
    assert.equal(sessions.userOf(alice), undefined);
  });
});

test("a rate limit counts for each name, and begins anew", () => {
  let now = 0;
  const limit = new RateLimit(2, 1000, () => now);
  assert.deepEqual([1, 2, 3].map(() => limit.take("alice")), [true, true, false]);
  assert.equal(limit.take("bob"), true);
  now = 1000;
  assert.equal(limit.take("alice"), true);
});

describe("meetings", () => {
  const room = async () => "2kyv-gzay-64pg";

  test("those who are invited have the same key, and others have nothing", async () => {
    const meetings = new Meetings();
    const id = await meetings.create("alice", ["bob"], room);
    const { people, key } = meetings.open(id, "bob");
    assert.deepEqual(people, ["alice", "bob"]);
    assert.equal(Buffer.from(key, "base64url").length, 32);
    assert.equal(meetings.open(id, "alice").key, key);
    assert.throws(() => meetings.open(id, "guest"), refusal(403));
    assert.throws(() => meetings.open("abcd-efgh-ijkl", "alice"), refusal(403));
  });

  test("whoever is removed changes the key; whoever is added does not", async () => {
    const meetings = new Meetings();
    const id = await meetings.create("alice", ["bob"], room);
    const { key } = meetings.open(id, "alice");
    meetings.setPeople(id, "alice", ["bob", "guest"]);
    assert.equal(meetings.open(id, "guest").key, key);
    meetings.setPeople(id, "alice", ["guest"]);
    assert.notEqual(meetings.open(id, "alice").key, key);
    assert.throws(() => meetings.open(id, "bob"), refusal(403));
    // One for another is a removal too, and the owner stays whatever is said.
    const second = meetings.open(id, "alice").key;
    meetings.setPeople(id, "alice", ["bob"]);
    assert.notEqual(meetings.open(id, "bob").key, second);
    assert.deepEqual(meetings.open(id, "bob").people, ["alice", "bob"]);
  });

  test("only who made it says who is invited, and only with a list of names", async () => {
    const meetings = new Meetings();
    const id = await meetings.create("alice", ["bob"], room);
    assert.throws(() => meetings.setPeople(id, "bob", ["bob"]), refusal(403));
    for (const people of [undefined, "bob", [1], [null], Array(50).fill("bob")])
      assert.throws(() => meetings.setPeople(id, "alice", people), refusal(400));
    assert.deepEqual(meetings.open(id, "bob").people, ["alice", "bob"]);
  });

  test("a bad list makes no room, and nobody makes rooms without end", async () => {
    const meetings = new Meetings();
    let rooms = 0;
    const makeRoom = async () => `room-${rooms++}`;
    await assert.rejects(meetings.create("alice", "bob", makeRoom), refusal(400));
    assert.equal(rooms, 0);
    for (let i = 0; i < 20; i++) await meetings.create("alice", [], makeRoom);
    await assert.rejects(meetings.create("alice", [], makeRoom), refusal(429));
    assert.equal(rooms, 20);
    await meetings.create("bob", [], makeRoom);
  });

  test("a meeting and its key end after twelve hours", async () => {
    let now = 0;
    const meetings = new Meetings(() => now);
    const id = await meetings.create("alice", [], room);
    now = 12 * HOUR_MS;
    assert.throws(() => meetings.open(id, "alice"), refusal(403));
  });
});

describe("sottod", () => {
  const credentials = { apiKey: "key", secret: "a secret of at least thirty-two bytes" };

  function read(token) {
    const [header, payload, signature] = token.split(".");
    const hmac = createHmac("sha256", credentials.secret).update(`${header}.${payload}`);
    assert.equal(signature, hmac.digest("base64url"));
    return JSON.parse(Buffer.from(payload, "base64url").toString());
  }

  test("a token to join names room and person, allows nothing else and is short-lived", () => {
    const token = new Sottod("https://unused.example", credentials).joinToken("room", "alice");
    const { iat, exp, ...claims } = read(token);
    assert.deepEqual(claims, {
      apikey: "key",
      version: 2,
      permissions: ["allow_join"],
      roles: ["rtc"],
      roomId: "room",
      participantId: "alice",
    });
    assert.equal(exp - iat, 120);
  });

  test("rooms require encryption and are made by a token that cannot join; refusals are told", async () => {
    const calls = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (data) => (body += data));
      request.on("end", () => {
        calls.push({ url: request.url, token: request.headers.authorization, body });
        response.statusCode = calls.length === 1 ? 200 : 429;
        response.end(JSON.stringify({ roomId: "2kyv-gzay-64pg" }));
      });
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    try {
      const sottod = new Sottod(`http://127.0.0.1:${port}`, credentials);
      assert.equal(await sottod.createRoom(), "2kyv-gzay-64pg");
      await assert.rejects(sottod.createRoom(), { status: 502, message: /status 429/ });
      assert.equal(calls[0].url, "/v2/rooms");
      assert.deepEqual(JSON.parse(calls[0].body), { e2ee: "required" });
      const { roles, permissions } = read(calls[0].token);
      assert.deepEqual([roles, permissions], [["crawler"], undefined]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test("sign-in is limited for a name and for an address, right password or not", async () => {
  const make = () =>
    new Backend({
      isPassword: async (name) => name === "alice",
      sessions: new Sessions(),
      signalingBaseUrl: "",
      sottod: null,
      meetings: null,
    });
  const attempt = (backend, name, address) =>
    backend.answer({ path: "/sign-in", body: { name, password: "one" }, address }).then(
      () => 200,
      ({ status }) => status,
    );

  const first = make();
  for (let i = 0; i < 5; i++) assert.equal(await attempt(first, "alice", `192.0.2.${i}`), 200);
  assert.equal(await attempt(first, "alice", "192.0.2.9"), 429);
  assert.equal(await attempt(first, "bob", "192.0.2.9"), 401);

  const second = make();
  for (let i = 0; i < 20; i++) assert.equal(await attempt(second, `name${i}`, "192.0.2.1"), 401);
  assert.equal(await attempt(second, "alice", "192.0.2.1"), 429);
  assert.equal(await attempt(second, "alice", "192.0.2.2"), 200);
});

test("the page may connect to its server and to sottod, and run nothing of others", () => {
  const policy = pageHeaders("https://meet.example:7880")["content-security-policy"];
  assert.match(policy, /default-src 'none';/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.match(policy, /connect-src 'self' wss:\/\/meet\.example:7880;/);
});
