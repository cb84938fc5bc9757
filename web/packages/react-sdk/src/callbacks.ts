// The callbacks of hooks. A rendering may bring other functions; the newest ones are called.

import type { Meeting as Core } from "@sotto/js-sdk";
import { useEffect } from "react";

import { useLatest } from "./latest";
import type { Meeting, MeetingStateName } from "./meeting_view";
import { STATE_NAMES } from "./meeting_view";
import {
  type MediaStatus,
  type Participant,
  type ParticipantEvents,
  subscribe,
} from "./participant_view";
import type { Stream } from "./stream_view";

export interface MeetingCallbacks {
  onMeetingJoined?: (() => void) | undefined;
  onMeetingLeft?: ((reason: { code: number; message: string }) => void) | undefined;
  onMeetingStateChanged?: ((data: { state: MeetingStateName }) => void) | undefined;
  onParticipantJoined?: ((participant: Participant) => void) | undefined;
  onParticipantLeft?:
    ((participant: Participant, reason: { code: number; message: string }) => void) | undefined;
  onSpeakerChanged?: ((activeSpeakerId: string | null) => void) | undefined;
  onPresenterChanged?: ((presenterId: string | null) => void) | undefined;
  /** Also of the local participant, as soon as the meeting is joined. */
  onEntryResponded?:
    ((participantId: string, decision: "allowed" | "denied") => void) | undefined;
  onError?: ((error: { name: string; code: number; message: string }) => void) | undefined;
}

export interface ParticipantCallbacks {
  onStreamEnabled?: ((stream: Stream) => void) | undefined;
  onStreamDisabled?: ((stream: Stream) => void) | undefined;
  onMediaStatusChanged?: ((status: MediaStatus) => void) | undefined;
  /**
   * An edge of how one kind of stream fares: at most one a second. A component that comes later is told of
   * each stream's newest edge first.
   */
  onE2EEStateChanged?: ((event: ParticipantEvents["e2ee-state-change"]) => void) | undefined;
}

const SOMETHING_WENT_WRONG = 5000;

export function useMeetingCallbacks(meeting: Meeting, callbacks: MeetingCallbacks = {}): void {
  const latest = useLatest(callbacks);
  useEffect(() => listen(meeting, () => latest.current), [meeting, latest]);
}

export function useParticipantCallbacks(
  meeting: Meeting,
  id: string,
  callbacks: ParticipantCallbacks = {},
): void {
  const latest = useLatest(callbacks);
  useEffect(() => {
    const { core } = meeting;
    const ends = [
      subscribe(core, id, "stream-enabled", (data) => latest.current.onStreamEnabled?.(data)),
      subscribe(core, id, "stream-disabled", (data) => latest.current.onStreamDisabled?.(data)),
      subscribe(core, id, "media-status-changed", (data) =>
        latest.current.onMediaStatusChanged?.(data),
      ),
      subscribe(core, id, "e2ee-state-change", (data) => latest.current.onE2EEStateChanged?.(data)),
    ];
    for (const event of newestEdges(core, id)) latest.current.onE2EEStateChanged?.(event);
    return () => ends.forEach((end) => end());
  }, [meeting, id, latest]);
}

function listen(meeting: Meeting, latest: () => MeetingCallbacks): () => void {
  const { events } = meeting.core;
  const ends = [
    events.on("meeting-state-changed", ({ status }) => {
      const name = STATE_NAMES[status];
      if (name) latest().onMeetingStateChanged?.({ state: name });
    }),
    events.on("meeting-joined", () => {
      latest().onEntryResponded?.(meeting.core.state.participantId, "allowed");
      latest().onMeetingJoined?.();
    }),
    events.on("meeting-left", ({ code, reason }) =>
      latest().onMeetingLeft?.({ code, message: reason }),
    ),
    events.on("participant-joined", ({ id }) =>
      latest().onParticipantJoined?.(meeting.participant(id)),
    ),
    events.on("participant-left", ({ participant, code, reason }) => {
      const view = meeting.participant(participant.id);
      view.remember(participant);
      latest().onParticipantLeft?.(view, { code, message: reason });
    }),
    events.on("speaker-changed", (id) => latest().onSpeakerChanged?.(id ?? null)),
    events.on("presenter-changed", (id) => latest().onPresenterChanged?.(id ?? null)),
    events.on("error", (error) => latest().onError?.(described(error))),
  ];
  return () => ends.forEach((end) => end());
}

/** With a name and a code, whatever it was. */
function described(error: Error): { name: string; code: number; message: string } {
  const { code = SOMETHING_WENT_WRONG, reason } = error as Error & {
    code?: unknown;
    reason?: unknown;
  };
  return {
    name: typeof reason === "string" ? reason : error.name,
    code: typeof code === "number" ? code : SOMETHING_WENT_WRONG,
    message: error.message,
  };
}

function newestEdges(core: Core, id: string): ParticipantEvents["e2ee-state-change"][] {
  const streams = Object.values(core.state.participants.get(id)?.streams ?? {});
  return streams.flatMap(({ kind, encryption }) =>
    encryption ? [{ kind, count: 0, since: Date.now(), ...encryption }] : [],
  );
}
