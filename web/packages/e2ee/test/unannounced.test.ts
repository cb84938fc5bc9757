import { expect, test } from "vitest";

import { coverUnannounced, withoutSsrcs } from "../src/unannounced";

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

test("each section is negotiated without its SSRCs, then with them, and later only with them", async () => {
  const calls: string[] = [];
  const connection = {
    setRemoteDescription: ({ sdp = "" }: RTCSessionDescriptionInit) =>
      Promise.resolve(void calls.push(`offer ${sdp.includes("a=ssrc") ? "with" : "without"}`)),
    createAnswer: () => Promise.resolve(void calls.push("asked for")),
    setLocalDescription: () => Promise.resolve(void calls.push("answer")),
  } as unknown as RTCPeerConnection;
  coverUnannounced(connection);
  const negotiate = async (sdp: string) => {
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription({ type: "answer", sdp: "" });
    return calls.splice(0);
  };
  const twice = ["offer without", "answer", "offer with", "asked for", "answer"];
  expect(await negotiate(HEAD + section("0"))).toEqual(twice);
  expect(await negotiate(HEAD + section("0"))).toEqual(["offer with", "answer"]);
  expect(await negotiate(HEAD + section("1"))).toEqual(twice);
  expect(await negotiate(HEAD + bare("2"))).toEqual(["offer without", "answer"]);
  // Closed, and opened again by the same name: another receiver, which nobody has covered.
  await negotiate(HEAD + bare("0").replace("m=video 9 ", "m=video 0 "));
  expect(await negotiate(HEAD + section("0"))).toEqual(twice);
});
