import { expect, test } from "vitest";

import { coverUnannounced, withoutSsrcs } from "../src/unannounced";

const HEAD = "v=0\r\ns=-\r\n";
const bare = (mid: string) => `m=video 9 x 96\r\na=mid:${mid}\r\na=msid:a b\r\n`;
const section = (mid: string) =>
  `${bare(mid)}a=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\na=ssrc-group:FID 1 2\r\n`;

test("SSRCs go from the sections that are not covered, and nothing else goes", () => {
  const sdp = HEAD + section("0") + section("audio 1") + bare("2");
  expect(withoutSsrcs(sdp, new Set(["0"]))).toEqual({
    sdp: HEAD + section("0") + bare("audio 1") + bare("2"),
    mids: ["audio 1"],
  });
});

test("lines may end in a line feed alone, and the last one in nothing", () => {
  expect(withoutSsrcs("m=a\na=mid:7\na=ssrc:1 cname:x\nb", new Set())).toEqual({
    sdp: "m=a\na=mid:7\nb",
    mids: ["7"],
  });
  expect(withoutSsrcs("m=a\na=mid:7\na=ssrc:1", new Set()).sdp).toBe("m=a\na=mid:7\n");
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
});
