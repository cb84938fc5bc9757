import { expect, test } from "vitest";

import { prepareConnection, withoutSsrcs } from "../src/unannounced";

const HEAD = "v=0\r\ns=-\r\n";
const bare = (mid: string) => `m=video 9 x 96\r\na=mid:${mid}\r\na=msid:a b\r\n`;
const section = (mid: string) =>
  `${bare(mid)}a=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\na=ssrc-group:FID 1 2\r\n`;

const NONE = new Map<string, string>();
const announced = (mid: string) => section(mid).slice(bare(mid).length);

test("SSRCs go from the sections that are not covered, and nothing else goes", () => {
  const sdp = HEAD + section("0") + section("audio 1") + bare("2");
  expect(withoutSsrcs(sdp, new Map([["0", announced("0")]]))).toEqual({
    sdp: HEAD + section("0") + bare("audio 1") + bare("2"),
    fresh: new Map([["audio 1", announced("audio 1")]]),
    closed: [],
  });
});

test("a section that announces something else is not covered any more", () => {
  const other = section("0").replace("a=ssrc:1 ", "a=ssrc:3 ");
  expect(withoutSsrcs(other, new Map([["0", announced("0")]])).sdp).toBe(bare("0"));
});

test("lines may end in a line feed alone, and the last one in nothing", () => {
  expect(withoutSsrcs("m=a\na=mid:7\na=ssrc:1 cname:x\nb", NONE)).toMatchObject({
    sdp: "m=a\na=mid:7\nb",
    fresh: new Map([["7", "a=ssrc:1 cname:x\n"]]),
  });
  expect(withoutSsrcs("m=a\na=mid:7\na=ssrc:1", NONE).sdp).toBe("m=a\na=mid:7\n");
});

test("only a section that is refused is closed, not one that shares another's port", () => {
  const shared = section("0").replace("m=video 9 ", "m=video 0 ") + "a=bundle-only\r\n";
  const refused = section("1").replace("m=video 9 ", "m=video 0 ");
  expect(withoutSsrcs(HEAD + shared + refused, NONE).closed).toEqual(["1"]);
});

type State = RTCSignalingState;

/** A connection that keeps to the order of offers and answers, and writes down what is asked of it. */
function fakeConnection() {
  const calls: string[] = [];
  let state: State = "stable";
  const step = async (name: string, allowed: State[], next: State) => {
    if (!allowed.includes(state)) throw new Error(`${name} while ${state}`);
    calls.push(name);
    await new Promise((done) => setTimeout(done));
    state = next;
  };
  const connection = {
    getConfiguration: () => ({ encodedInsertableStreams: true }),
    get signalingState() {
      return state;
    },
    setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit) {
      const name = `${type} ${sdp.includes("a=ssrc") ? "with" : "without"}`;
      if (type === "offer") return step(name, ["stable", "have-local-offer"], "have-remote-offer");
      if (type === "rollback") return step("rollback", ["have-remote-offer"], "stable");
      return step(name, ["have-local-offer"], "stable");
    },
    createAnswer: () => step("asked for", ["have-remote-offer"], "have-remote-offer"),
    setLocalDescription(description?: RTCLocalSessionDescriptionInit) {
      const type = description?.type ?? (state === "stable" ? "offer" : "answer");
      if (type === "offer") return step("own offer", ["stable"], "have-local-offer");
      const isLast = type === "answer";
      return step(`own ${type}`, ["have-remote-offer"], isLast ? "stable" : state);
    },
  };
  prepareConnection(connection as unknown as RTCPeerConnection);
  return { connection: connection as unknown as RTCPeerConnection, calls };
}

test("a connection without the setting is refused where a browser knows it, and only there", () => {
  const made = (settings: object) => {
    const { connection } = fakeConnection();
    connection.getConfiguration = () => settings;
    return () => prepareConnection(connection);
  };
  expect(made({ encodedInsertableStreams: false })).toThrow(/peerConnectionSettings/);
  expect(made({ encodedInsertableStreams: true })).not.toThrow();
  expect(made({})).not.toThrow();
});

const TWICE = ["offer without", "own answer", "offer with", "asked for", "own answer"];

test("each section is negotiated without its SSRCs, then with them, and later only with them", async () => {
  const { connection, calls } = fakeConnection();
  const negotiate = async (sdp: string) => {
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    return calls.splice(0);
  };
  expect(await negotiate(HEAD + section("0"))).toEqual(TWICE);
  expect(await negotiate(HEAD + section("0"))).toEqual(["offer with", "own answer"]);
  expect(await negotiate(HEAD + section("1"))).toEqual(TWICE);
  expect(await negotiate(HEAD + bare("2"))).toEqual(["offer without", "own answer"]);
  // Closed, and opened again by the same name: another receiver, which nobody has covered.
  await negotiate(HEAD + bare("0").replace("m=video 9 ", "m=video 0 "));
  expect(await negotiate(HEAD + section("0"))).toEqual(TWICE);
});

test("an answer is taken as it is, and its sections need no second round later", async () => {
  const { connection, calls } = fakeConnection();
  await connection.setLocalDescription();
  await connection.setRemoteDescription({ type: "answer", sdp: HEAD + section("0") });
  expect(calls.splice(0)).toEqual(["own offer", "answer with"]);
  await connection.setRemoteDescription({ type: "offer", sdp: HEAD + section("0") });
  await connection.setLocalDescription();
  expect(calls.splice(0)).toEqual(["offer with", "own answer"]);
  await connection.setLocalDescription();
  expect(calls).toEqual(["own offer"]);
});

test("what comes in the middle of the second round waits for its end", async () => {
  const { connection, calls } = fakeConnection();
  await connection.setRemoteDescription({ type: "offer", sdp: HEAD + section("0") });
  const answered = connection.setLocalDescription();
  while (calls.at(-1) !== "offer with") await new Promise((done) => setTimeout(done));
  const offered = connection.setLocalDescription();
  await Promise.all([answered, offered]);
  expect(calls).toEqual([...TWICE, "own offer"]);
});

test("no second round for an answer that is not the last one, nor for an offer taken back", async () => {
  const { connection, calls } = fakeConnection();
  await connection.setRemoteDescription({ type: "offer", sdp: HEAD + section("0") });
  await connection.setLocalDescription({ type: "pranswer", sdp: "" });
  expect(calls.splice(0)).toEqual(["offer without", "own pranswer"]);
  await connection.setLocalDescription();
  expect(calls.splice(0)).toEqual(TWICE.slice(1));
  await connection.setRemoteDescription({ type: "offer", sdp: HEAD + section("1") });
  await connection.setRemoteDescription({ type: "rollback" });
  await connection.setLocalDescription();
  expect(calls).toEqual(["offer without", "rollback", "own offer"]);
});
