import { describe, expect, test, vi } from "vitest";

import { LocalTracks } from "../src/local_tracks";
import { Meeting } from "../src/meeting";

function fakeTrack(kind: "audio" | "video" = "video"): MediaStreamTrack {
  const track = { kind, enabled: true, readyState: "live", addEventListener: () => {} };
  return Object.assign(track, { stop: () => (track.readyState = "ended") }) as never;
}

function make(): LocalTracks {
  const [onChange, onError] = [vi.fn(), vi.fn()];
  return new LocalTracks({ media: () => undefined, isEncrypted: false, onChange, onError });
}

const camera = (track: MediaStreamTrack) => [{ kind: "video" as const, track }];

describe("tracks of the app", () => {
  test("one given twice is not ended by the start that was overtaken", async () => {
    const [tracks, track] = [make(), fakeTrack()];
    await Promise.all([
      tracks.start("video", camera(track)),
      tracks.start("video", camera(track)),
    ]);
    expect(track.readyState).toBe("live");
    await tracks.start("video", camera(track));
    expect(track.readyState).toBe("live");
    await tracks.stop("video");
    expect(track.readyState).toBe("ended");
  });

  test("one given again at once after everything was stopped lives", async () => {
    const [tracks, track] = [make(), fakeTrack()];
    const first = tracks.start("video", camera(track)).catch(({ reason }) => reason);
    tracks.stopAll();
    const second = tracks.start("video", camera(track));
    expect(await first).toBe("LEFT");
    await second;
    expect(track.readyState).toBe("live");
    expect(tracks.get("video")?.track).toBe(track);
    tracks.stopAll();
    expect(track.readyState).toBe("ended");
  });

  test("one given to two meetings ends with the second", async () => {
    const [one, other, track] = [make(), make(), fakeTrack()];
    await one.start("video", camera(track));
    await other.start("video", camera(track));
    one.stopAll();
    expect(track.readyState).toBe("live");
    other.stopAll();
    expect(track.readyState).toBe("ended");
  });

  test("one that another takes the place of ends", async () => {
    const [tracks, first, second] = [make(), fakeTrack(), fakeTrack()];
    await tracks.start("video", camera(first));
    await tracks.start("video", camera(second));
    expect([first.readyState, second.readyState]).toEqual(["ended", "live"]);
  });
});

describe("devices", () => {
  test("one that could not be opened is not wanted any more", async () => {
    const tracks = make();
    const refused = tracks.start("video", () => Promise.reject(new Error("denied")));
    expect(tracks.isWanted("video")).toBe(true);
    await expect(refused).rejects.toThrow("denied");
    expect(tracks.isWanted("video")).toBe(false);
  });

  test("one that was opened too late is closed", async () => {
    const [tracks, track] = [make(), fakeTrack()];
    const late = tracks.start("video", async () => camera(track));
    await tracks.stop("video");
    await late;
    expect(track.readyState).toBe("ended");
    expect(tracks.isWanted("video")).toBe(false);
  });

  test("choosing a microphone opens no muted one", async () => {
    const meeting = new Meeting({ roomId: "room", token: "t", displayName: "Me" });
    const own = () => meeting.state.participants.get(meeting.state.participantId)?.streams.audio;
    await meeting.changeMic(fakeTrack("audio"));
    expect(own()?.paused).toBe(true);
    await meeting.unmuteMic();
    await meeting.changeMic(fakeTrack("audio"));
    expect(own()?.paused).toBe(false);
    expect(own()?.track?.enabled).toBe(true);
    await meeting.muteMic();
    await meeting.changeMic(fakeTrack("audio"));
    expect(own()?.paused).toBe(true);
    meeting.leave();
  });
});

test("what is muted while it opens is muted when it is there", async () => {
  const [tracks, track] = [make(), fakeTrack("audio")];
  let open = (_: MediaStreamTrack) => {};
  const opening = tracks.start("audio", async () => {
    const opened = await new Promise<MediaStreamTrack>((done) => (open = done));
    return [{ kind: "audio", track: opened, isPaused: false }];
  });
  await tracks.pause("audio", true);
  open(track);
  await opening;
  expect(track.enabled).toBe(false);
  expect(tracks.get("audio")?.isPaused).toBe(true);
});
