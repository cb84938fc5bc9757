import { describe, expect, test } from "vitest";

import { type MeetingConfig, toMeetingOptions } from "../src/config";

const config: MeetingConfig = { meetingId: "2kyv-gzay-64pg", name: "Ada" };

describe("a config", () => {
  test("becomes the options of a meeting", () => {
    expect(toMeetingOptions({ ...config, participantId: "ada", metaData: { a: 1 } }, "t", null)).toEqual({
      roomId: "2kyv-gzay-64pg",
      token: "t",
      displayName: "Ada",
      mode: "SEND_AND_RECV",
      participantId: "ada",
      metaData: { a: 1 },
    });
    expect(toMeetingOptions({ meetingId: "m" }, "t", undefined).displayName).toBe("Guest");
  });

  test("that gives null or nothing for what may be absent has the defaults", () => {
    const { meetingId } = config;
    const absent = ["name", "participantId", "mode", "metaData", "signalingBaseUrl"];
    const nulls = Object.fromEntries(absent.map((name) => [name, null]));
    const plain = toMeetingOptions({ meetingId }, "t", null);
    expect(toMeetingOptions({ meetingId, ...nulls }, "t", null)).toEqual(plain);
    expect(toMeetingOptions({ meetingId, participantId: "" }, "t", null)).toEqual(plain);
    expect(toMeetingOptions({ meetingId, participantId: 7 as never }, "t", null).participantId).toBe("7");
  });

  test.each([
    ["CONFERENCE", "SEND_AND_RECV"],
    ["VIEWER", "SIGNALLING_ONLY"],
    ["RECV_ONLY", "RECV_ONLY"],
  ] as const)("mode %s is %s", (mode, known) => {
    expect(toMeetingOptions({ ...config, mode }, "t", null).mode).toBe(known);
  });

  test.each([
    ["no token", { config, token: "" }, 3073, /token/],
    ["no meetingId", { config: { meetingId: "" }, token: "t" }, 3073, /meetingId/],
    ["a mode of another kind", { config: { ...config, mode: "toString" }, token: "t" }, 3067, /mode/],
    ["metaData that is a text", { config: { ...config, metaData: "x" }, token: "t" }, 3073, /metaData/],
    ["a key provider of another kind", { config, token: "t", keyProvider: {} }, 3073, /keyProvider/],
  ])("%s is refused", (_, { config: bad, token, ...rest }, code, message) => {
    const keyProvider = "keyProvider" in rest ? rest.keyProvider : null;
    const attempt = () => toMeetingOptions(bad as MeetingConfig, token, keyProvider as never);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});
