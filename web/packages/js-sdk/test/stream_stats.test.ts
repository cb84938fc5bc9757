import { expect, test } from "vitest";

import { StreamMeter } from "../src/stream_stats";

const codec = { type: "codec", id: "C", mimeType: "video/VP8" };

test("what is received of a picture", () => {
  const meter = new StreamMeter();
  const at = (timestamp: number, bytesReceived: number) => [
    { type: "inbound-rtp", kind: "video", codecId: "C", timestamp, bytesReceived, jitter: 0.004,
      packetsReceived: 90, packetsLost: 2, frameWidth: 640, frameHeight: 360, framesPerSecond: 29 },
    codec,
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02 },
  ]; // prettier-ignore
  expect(meter.read("bob video", at(1000, 0))).toEqual({
    bitrate: 0,
    rtt: 20,
    jitter: 4,
    codec: "VP8",
    totalPackets: 90,
    packetsLost: 2,
    size: { width: 640, height: 360, framerate: 29 },
  });
  expect(meter.read("bob video", at(3000, 250_000))?.bitrate).toBe(1000);
  expect(meter.read("carol video", at(4000, 9_000_000))?.bitrate).toBe(0);
  // A new receiver counts from nothing.
  expect(meter.read("bob video", at(5000, 10))?.bitrate).toBe(0);
});

test("what is sent of a sound, with what the other end reports", () => {
  const stats = new StreamMeter().read("me audio", [
    { type: "outbound-rtp", kind: "audio", timestamp: 1, bytesSent: 5, packetsSent: 7 },
    { type: "remote-inbound-rtp", roundTripTime: 0.1, jitter: 0.002, packetsLost: 3 },
  ]);
  expect(stats).toEqual({
    bitrate: 0,
    rtt: 100,
    jitter: 2,
    codec: "",
    totalPackets: 7,
    packetsLost: 3,
  });
});

test("nothing before something flows", () => {
  expect(new StreamMeter().read("me audio", [codec])).toBeUndefined();
});
