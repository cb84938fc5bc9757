// A meeting as VideoSDK shows it, over one of @sotto/js-sdk. It goes with one MeetingProvider, and may be
// joined, left and joined again.

import {
  isJoined,
  Meeting as Core,
  MeetingError,
  type MeetingState,
  type MeetingStatus,
} from "@sotto/js-sdk";

import type { MeetingConfig } from "./config";
import { Participant } from "./participant_view";

type Source = MediaStream | MediaStreamTrack | undefined;

export type MeetingStateName =
  "CONNECTING" | "CONNECTED" | "RECONNECTING" | "FAILED" | "DISCONNECTED";

export const STATE_NAMES: Record<MeetingStatus, MeetingStateName | undefined> = {
  idle: undefined,
  connecting: "CONNECTING",
  connected: "CONNECTED",
  reconnecting: "RECONNECTING",
  failed: "FAILED",
  left: "DISCONNECTED",
};

export class Meeting {
  readonly id: string;
  /** The headless meeting below, for what has no name here. */
  readonly core: Core;
  #config: MeetingConfig;
  /** Its provider is gone. */
  #isReleased = false;
  #views = new Map<string, Participant>();
  #participants: ReadonlyMap<string, Participant> = new Map();

  constructor(core: Core, config: MeetingConfig) {
    this.id = config.meetingId;
    this.core = core;
    this.#config = config;
  }

  /** For the provider: false when it comes, true when it is gone for good, which leaves the meeting. */
  set isReleased(isReleased: boolean) {
    this.#isReleased = isReleased;
    if (isReleased) this.core.leave();
  }

  get localParticipant(): Participant | null {
    return isJoined(this.core.state) ? this.participant(this.core.state.participantId) : null;
  }

  /** With the local one. Another Map whenever somebody comes or goes, and only then. */
  get participants(): ReadonlyMap<string, Participant> {
    const state = this.core.state;
    const ids = isJoined(state) ? [...state.participants.keys()] : [];
    const known = [...this.#participants.keys()];
    if (ids.length !== known.length || ids.some((id, i) => id !== known[i])) {
      this.#participants = new Map(ids.map((id) => [id, this.participant(id)]));
      for (const id of this.#views.keys())
        if (!state.participants.has(id)) this.#views.delete(id);
    }
    return this.#participants;
  }

  /** The same object for the same id, also of somebody who is not there. */
  participant(id: string): Participant {
    const view = this.#views.get(id) ?? new Participant(this.core, id);
    this.#views.set(id, view);
    return view;
  }

  get activeSpeakerId(): string | null {
    return this.core.state.activeSpeakerId ?? null;
  }

  get activePresenterId(): string | null {
    return this.core.state.presenterId ?? null;
  }

  get isE2EEEnabled(): boolean {
    return this.core.state.isE2EEEnabled;
  }

  /** Sotto's own: three groups of four digits that people compare; null without a key. */
  get safetyCode(): string | null {
    return this.core.state.safetyCode ?? null;
  }

  get selectedCameraDevice(): { deviceId: string; label: string } | null {
    return deviceOf(this.core.state, "video");
  }

  get selectedMicrophoneDevice(): { deviceId: string; label: string } | null {
    return deviceOf(this.core.state, "audio");
  }

  /**
   * Joins, with camera and microphone as the config says. While joined or under way it is the same
   * joining. It need not be awaited: what fails is also told by `onError`.
   */
  readonly join = (): Promise<void> =>
    this.#quietly(async () => {
      // Nobody would see that the microphone is open.
      if (this.#isReleased) throw new MeetingError(3035, "LEFT", "The meeting's provider is gone.");
      const { status } = this.core.state;
      const joining = this.core.join();
      if (status !== "connecting" && !isJoined({ status } as MeetingState)) this.#openDevices();
      await joining;
    });

  /** Also while it still joins. */
  readonly leave = (): Promise<void> =>
    this.#quietly(async () => {
      if (this.core.state.status !== "connecting") this.#requireJoined("leave");
      this.core.leave();
    });
  readonly end = (): Promise<void> => this.#act("end", () => this.core.end());

  readonly unmuteMic = (source?: Source): Promise<void> =>
    this.#act("unmuteMic", () => this.core.unmuteMic(source ?? undefined));
  readonly muteMic = (): Promise<void> => this.#act("muteMic", () => this.core.muteMic());
  readonly toggleMic = (source?: Source): Promise<void> =>
    this.#act("toggleMic", () =>
      source && !this.localParticipant?.micOn
        ? this.core.unmuteMic(source)
        : this.core.toggleMic(),
    );
  readonly changeMic = (source: string | MediaStream | MediaStreamTrack): Promise<void> =>
    this.#act("changeMic", () => this.core.changeMic(source));
  readonly getMics = (): Promise<MediaDeviceInfo[]> =>
    this.#act("getMics", () => this.core.getMics());

  readonly enableWebcam = (source?: Source): Promise<void> =>
    this.#act("enableWebcam", () => this.core.enableWebcam(source ?? undefined));
  readonly disableWebcam = (): Promise<void> =>
    this.#act("disableWebcam", () => this.core.disableWebcam());
  readonly toggleWebcam = (source?: Source): Promise<void> =>
    this.#act("toggleWebcam", () =>
      source && !this.localParticipant?.webcamOn
        ? this.core.enableWebcam(source)
        : this.core.toggleWebcam(),
    );
  readonly changeWebcam = (source: string | MediaStream | MediaStreamTrack): Promise<void> =>
    this.#act("changeWebcam", () => this.core.changeWebcam(source));
  readonly replaceWebcamStream = (source: MediaStream): Promise<void> =>
    this.#act("replaceWebcamStream", () => this.core.changeWebcam(source));
  readonly getWebcams = (): Promise<MediaDeviceInfo[]> =>
    this.#act("getWebcams", () => this.core.getWebcams());

  readonly enableScreenShare = (source?: MediaStream): Promise<void> =>
    this.#act("enableScreenShare", () => this.core.enableScreenShare(source ?? undefined));
  readonly disableScreenShare = (): Promise<void> =>
    this.#act("disableScreenShare", () => this.core.disableScreenShare());
  readonly toggleScreenShare = (source?: MediaStream): Promise<void> =>
    this.#act("toggleScreenShare", () =>
      source && !this.localParticipant?.screenShareOn
        ? this.core.enableScreenShare(source)
        : this.core.toggleScreenShare(),
    );

  /** Beside the joining, so that the picture is there as soon as the meeting is. */
  #openDevices(): void {
    const { mode = "SEND_AND_RECV", micEnabled, webcamEnabled } = this.#config;
    if (mode !== "SEND_AND_RECV" && mode !== "CONFERENCE") return;
    const { customMicrophoneAudioTrack, customCameraVideoTrack } = this.#config;
    if (micEnabled !== false)
      void this.#quietly(async () =>
        this.core.unmuteMic(live("customMicrophoneAudioTrack", customMicrophoneAudioTrack)),
      );
    if (webcamEnabled !== false)
      void this.#quietly(async () =>
        this.core.enableWebcam(live("customCameraVideoTrack", customCameraVideoTrack)),
      );
  }

  #act<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    return this.#quietly(async () => {
      this.#requireJoined(name);
      return action();
    });
  }

  #requireJoined(name: string): void {
    if (isJoined(this.core.state)) return;
    const message = `Join the meeting before calling ${name}().`;
    throw new MeetingError(3035, "ERROR_ACTION_PERFORMED_BEFORE_MEETING_JOINED", message);
  }

  /** A rejection is told by `onError`, and harms nobody who does not await it. */
  #quietly<Result>(action: () => Promise<Result>): Promise<Result> {
    const promise = action();
    promise.catch((error: Error) => {
      const isOver = error instanceof MeetingError && error.reason === "LEFT";
      if (!isOver) this.core.events.emit("error", error);
    });
    return promise;
  }
}

/** The stream that the app gave, if it did. It may hide what the device shows, so nothing replaces it. */
function live(name: string, stream: MediaStream | null | undefined): MediaStream | undefined {
  if (!stream || stream.getTracks().some(({ readyState }) => readyState === "live"))
    return stream ?? undefined;
  const message = `${name} has ended: give the provider another one, or call the method that opens one.`;
  throw new MeetingError(3040, "DEVICE_UNAVAILABLE", message);
}

function deviceOf(state: MeetingState, kind: "audio" | "video") {
  const track = state.participants.get(state.participantId)?.streams[kind]?.track;
  if (!track) return null;
  const known = devices.get(track);
  if (known) return known;
  const device = { deviceId: track.getSettings().deviceId ?? "", label: track.label };
  devices.set(track, device);
  return device;
}

const devices = new WeakMap<MediaStreamTrack, { deviceId: string; label: string }>();
