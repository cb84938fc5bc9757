import type { Meeting as Core, MeetingStatus, Participant as State } from "@sotto/js-sdk";
import { describe, expect, test, vi } from "vitest";

import { Meeting } from "../src/meeting_view";
import { Participant } from "../src/participant_view";

const NOT_JOINED = "ERROR_ACTION_PERFORMED_BEFORE_MEETING_JOINED";

function fakeCore(status: MeetingStatus = "idle") {
  const state = { status, participantId: "me", participants: new Map<string, State>() };
  const core = {
    state,
    told: [] as Error[],
    events: { emit: (_: string, error: Error) => void core.told.push(error) },
    join: vi.fn(async () => {}),
    leave: vi.fn(),
    muteMic: vi.fn(async () => {}),
    unmuteMic: vi.fn(async () => {}),
    enableWebcam: vi.fn(async () => {}),
  };
  return core;
}

const viewOf = (core: ReturnType<typeof fakeCore>, config = {}) =>
  new Meeting(core as unknown as Core, { meetingId: "room", ...config });
const bob: State = {
  id: "bob",
  displayName: "Bob",
  isLocal: false,
  mode: "RECV_ONLY",
  metaData: { seat: 1 },
  streams: {},
};

describe("a meeting", () => {
  test.each(["idle", "connecting", "left", "failed"] as const)(
    "that is %s refuses what needs it, and tells",
    async (status) => {
      const core = fakeCore(status);
      const refused = await viewOf(core)
        .muteMic()
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: NOT_JOINED, code: 3035 });
      expect(core.told).toEqual([refused]);
      expect(core.muteMic).not.toHaveBeenCalled();
    },
  );

  test("may be left while it is joined, and not before", async () => {
    const joining = fakeCore("connecting");
    await viewOf(joining).leave();
    expect(joining.leave).toHaveBeenCalledTimes(1);
    const idle = fakeCore("idle");
    await expect(viewOf(idle).leave()).rejects.toMatchObject({ name: NOT_JOINED });
    expect(idle.leave).not.toHaveBeenCalled();
  });

  test("opens the devices that the config names, and none in place of a stream that ended", async () => {
    const both = fakeCore();
    await viewOf(both).join();
    expect(both.unmuteMic).toHaveBeenCalledWith(undefined);
    expect(both.enableWebcam).toHaveBeenCalledWith(undefined);
    const none = fakeCore();
    await viewOf(none, { micEnabled: false, webcamEnabled: false }).join();
    const receiver = fakeCore();
    await viewOf(receiver, { mode: "RECV_ONLY" }).join();
    const ended = fakeCore();
    const stream = { getTracks: () => [{ readyState: "ended" }] };
    await viewOf(ended, { micEnabled: false, customCameraVideoTrack: stream }).join();
    for (const core of [none, receiver, ended]) {
      expect(core.join).toHaveBeenCalledTimes(1);
      expect(core.unmuteMic).not.toHaveBeenCalled();
      expect(core.enableWebcam).not.toHaveBeenCalled();
    }
    expect(ended.told).toEqual([expect.objectContaining({ name: "DEVICE_UNAVAILABLE", code: 3040 })]);
  });

  test("joins no more when its provider is gone, until it is back", async () => {
    const core = fakeCore();
    const view = viewOf(core);
    view.isReleased = true;
    expect(core.leave).toHaveBeenCalledTimes(1);
    await expect(view.join()).rejects.toMatchObject({ name: "LEFT" });
    view.isReleased = false;
    await view.join();
    expect(core.join).toHaveBeenCalledTimes(1);
    expect(core.told).toEqual([]);
  });
});

describe("a participant", () => {
  test("who has gone is as they were at the end, also for who asks only then", () => {
    const core = fakeCore("connected") as unknown as Core;
    const view = new Participant(core, "bob");
    expect(view.displayName).toBe("");
    view.remember(bob);
    const { displayName, mode, metaData, micOn } = view;
    expect({ displayName, mode, metaData, micOn }).toEqual({
      displayName: "Bob",
      mode: "RECV_ONLY",
      metaData: { seat: 1 },
      micOn: false,
    });
  });

  test("has the events it names, and no others", () => {
    const view = new Participant(fakeCore() as unknown as Core, "bob");
    expect(() => view.on("e2ee-state-changed" as never, () => {})).toThrow(/e2ee-state-changed/);
  });
});
