// Sessions with a real sottod (of SOTTO_BUILD_DIR), over a path that breaks.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { Proxy } from "../../../e2e/proxy.ts";
import { Server } from "../../../e2e/server.ts";
import { Connection } from "../src/connection";
import type { Notification } from "../src/messages";

let server: Server;
let proxy: Proxy;
let roomId: string;
const open: Connection[] = [];

beforeAll(async () => {
  server = await Server.start({ SOTTO_WEB_ROOT: "" });
});

beforeEach(async () => {
  proxy = await Proxy.start(server.port);
  roomId = await server.createRoom();
});

afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
  proxy.stop();
});

afterAll(() => server?.stop());

interface Heard {
  notifications: Notification[];
  online: boolean[];
  lost: number;
  bad: string[];
}

function connect(url = proxy.url): { connection: Connection; heard: Heard } {
  const heard: Heard = { notifications: [], online: [], lost: 0, bad: [] };
  const connection = new Connection({
    url: `${url.replace("http", "ws")}/signal`,
    onNotification: (notification) => heard.notifications.push(notification),
    onOnline: (isOnline) => heard.online.push(isOnline),
    onLost: () => heard.lost++,
    onBadMessage: ({ message }) => heard.bad.push(message),
  });
  open.push(connection);
  return { connection, heard };
}

function joinData(participantId: string, token = server.token()): Record<string, unknown> {
  return {
    roomId,
    token,
    participantId,
    mode: "SIGNALLING_ONLY",
    challenge: "AAAAAAAAAAAAAAAAAAAAAA",
  };
}

async function join(participantId: string, url?: string) {
  const { connection, heard } = connect(url);
  const answer = await connection.join(joinData(participantId));
  return { connection, heard, answer };
}

function payloads({ notifications }: Heard): string[] {
  return notifications.flatMap(({ event, data }) => (event === "message" ? [data.payload] : []));
}

describe("joining", () => {
  test("is answered with who is there", async () => {
    await join("alice");
    const { answer } = await join("bob");
    expect(answer).toMatchObject({ roomId, participantId: "bob", e2ee: "required" });
    expect(answer.participants.map(({ participantId }) => participantId)).toEqual(["alice"]);
  });

  test.each([
    ["a wrong token", () => joinData("alice", "wrong"), 4002],
    ["an unknown room", () => ({ ...joinData("alice"), roomId: "none-none-none" }), 4003],
    ["no participant id", () => joinData(""), 4004],
    ["a challenge of a wrong size", () => ({ ...joinData("a"), challenge: "AAAA" }), 3073],
  ])("with %s rejects with the server's code", async (_, data, code) => {
    const { connection, heard } = connect();
    const name = expect.stringMatching(/^[A-Z_]+$/);
    await expect(connection.join(data())).rejects.toMatchObject({ name, code });
    await expect(connection.request("leave")).rejects.toMatchObject({ reason: "LEFT" });
    expect(heard).toMatchObject({ online: [], lost: 0 });
  });

  test("without a server rejects with words and names no token", async () => {
    proxy.cut();
    const { connection } = connect();
    const error = await connection.join(joinData("alice")).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 3047 });
    expect(JSON.stringify([error, String(error)])).not.toContain(server.token().slice(0, 40));
  });

  test("that was closed meanwhile rejects, and nobody is there", async () => {
    const { connection } = connect();
    const joining = connection.join(joinData("alice"));
    connection.close();
    await expect(joining).rejects.toThrow();
    const { answer } = await join("bob");
    expect(answer.participants).toEqual([]);
  });
});

describe("a connection that breaks", () => {
  test("resumes; requests and messages arrive exactly once and in order", async () => {
    const alice = await join("alice");
    const bob = await join("bob");
    const wanted = Array.from({ length: 60 }, (_, i) => `message ${i}`);
    const answers: Promise<unknown>[] = [];
    for (const [i, payload] of wanted.entries()) {
      answers.push(alice.connection.request("message", { type: "test", payload }));
      if (i % 7 === 3) proxy.breakConnections();
      await new Promise((resolve) => setTimeout(resolve, i % 5 === 0 ? 40 : 0));
    }
    await Promise.all(answers);
    await vi.waitFor(() => expect(payloads(bob.heard)).toHaveLength(wanted.length), 5000);
    expect(payloads(bob.heard)).toEqual(wanted);
    for (const { heard } of [alice, bob]) {
      expect(heard.online.length).toBeGreaterThan(2);
      expect(heard).toMatchObject({ lost: 0, bad: [] });
    }
    expect(alice.heard.notifications.map(({ event }) => event)).toEqual(["participant-joined"]);
  });

  test("says that it is away and back, and sends what was asked meanwhile", async () => {
    const alice = await join("alice");
    const bob = await join("bob", server.url);
    proxy.cut();
    await vi.waitFor(() => expect(alice.heard.online).toEqual([false]));
    const answers = ["one", "two"].map((payload) =>
      alice.connection.request("message", { type: "test", payload }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(payloads(bob.heard)).toEqual([]);
    proxy.mend();
    await Promise.all(answers);
    expect(alice.heard.online).toEqual([false, true]);
    expect(payloads(bob.heard)).toEqual(["one", "two"]);
  });

  test("is noticed when it brings no answers, although it stays open", async () => {
    const alice = await join("alice");
    proxy.hold();
    await expect(alice.connection.request("no-such-method")).rejects.toMatchObject({ code: 3073 });
    expect(alice.heard.online).toEqual([false, true]);
  }, 15_000);

  test("comes back also when too many of its network want to at once", async () => {
    const busy = await Server.start({ SOTTO_WEB_ROOT: "", SOTTO_LIMITS_JOINS_PER_NETWORK: "60" });
    const path = await Proxy.start(busy.port);
    try {
      const { connection, heard } = connect(path.url);
      const id = await busy.createRoom();
      await connection.join({ ...joinData("alice", busy.token()), roomId: id });
      const codes: number[] = [];
      while (codes.at(-1) !== 4290 && codes.length < 100) {
        const other = connect(busy.url).connection.join(joinData("bob", "wrong"));
        const code = other.then(
          () => 0,
          (error: { code: number }) => error.code,
        );
        codes.push(await code);
      }
      expect(codes.at(-1)).toBe(4290);
      path.breakConnections();
      await vi.waitFor(() => expect(heard.online).toEqual([false, true]), 15_000);
      expect(heard).toMatchObject({ lost: 0, bad: [] });
    } finally {
      path.stop();
      await busy.stop();
    }
  }, 30_000);

  test("is lost for good when the server forgot the session", async () => {
    const alice = await join("alice");
    proxy.cut();
    await vi.waitFor(() => expect(alice.heard.online).toEqual([false]));
    const waiting = alice.connection.request("message", { type: "test", payload: "x" });
    await server.kill();
    await server.run();
    proxy.mend();
    await expect(waiting).rejects.toMatchObject({ code: 1102 });
    expect(alice.heard.lost).toBe(1);
    await expect(alice.connection.request("leave")).rejects.toMatchObject({ reason: "LEFT" });
  });
});

test("an end is told to others at once", async () => {
  const alice = await join("alice");
  const bob = await join("bob");
  alice.connection.close();
  await vi.waitFor(() =>
    expect(bob.heard.notifications.at(-1)).toMatchObject({
      event: "participant-left",
      data: { participantId: "alice" },
    }),
  );
  expect(alice.heard).toMatchObject({ online: [], lost: 0 });
});

test("a request larger than the server takes is refused here, and harms nothing", async () => {
  const { connection, heard } = await join("alice");
  const payload = "x".repeat(256 * 1024);
  const refused = connection.request("message", { type: "test", payload });
  await expect(refused).rejects.toMatchObject({ code: 3073 });
  await connection.request("message", { type: "test", payload: "small" });
  expect(heard.online).toEqual([]);
});
