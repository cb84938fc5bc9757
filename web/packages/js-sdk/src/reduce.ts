// How a meeting's state follows from what happens. Pure functions from state to changed fields.

import type { E2EEEvent, StreamKind } from "@sotto/e2ee";

import { toBase64Url } from "./base64url";
import { kindOf } from "./kinds";
import type {
  ConsumerInfo,
  JoinAnswer,
  Notification,
  ParticipantInfo,
  ProducerInfo,
} from "./messages";
import {
  type MeetingState,
  type Participant,
  presenterOf,
  type Stream,
  streamById,
  withParticipant,
  withStream,
} from "./state";

type Change = Partial<MeetingState>;

/** More would be more than any page can show. */
const PARTICIPANTS_MAX = 1000;

export function joined(state: MeetingState, answer: JoinAnswer): Change {
  const participants = new Map<string, Participant>();
  const local = state.participants.get(state.participantId);
  if (local) participants.set(local.id, local);
  for (const info of answer.participants)
    if (info.participantId !== state.participantId)
      participants.set(info.participantId, participantOf(info, state));
  return presented(state, {
    participants,
    roomPolicy: answer.e2ee,
    activeSpeakerId: answer.activeSpeaker,
  });
}

/** Everybody else is out of sight. */
export function left(state: MeetingState): Change {
  const local = state.participants.get(state.participantId);
  return {
    participants: new Map(local ? [[local.id, { ...local, streams: {} }]] : []),
    activeSpeakerId: undefined,
    presenterId: undefined,
    isE2EEEnabled: false,
    safetyCode: undefined,
  };
}

/** What the server says of this client itself is not its business, but for who speaks. */
export function applyNotification(state: MeetingState, notification: Notification): Change {
  const { event, data } = notification;
  if (event === "active-speaker") return { activeSpeakerId: data.participantId };
  if (!("participantId" in data) || data.participantId === state.participantId) return {};
  switch (event) {
    case "participant-joined": {
      if (state.participants.size >= PARTICIPANTS_MAX) return {};
      const participants = new Map(state.participants);
      return presented(state, {
        participants: participants.set(data.participantId, participantOf(data, state)),
      });
    }
    case "participant-left": {
      const participants = new Map(state.participants);
      participants.delete(data.participantId);
      const isSpeaker = state.activeSpeakerId === data.participantId;
      return presented(state, { participants, ...(isSpeaker && { activeSpeakerId: undefined }) });
    }
    case "producer-added": {
      const stream = streamOf(data.producer);
      const change = withParticipant(state, data.participantId, (participant) =>
        withStream(participant, stream.kind, stream),
      );
      return presented(state, change);
    }
    case "producer-closed":
      return presented(
        state,
        changeStream(state, data, () => undefined),
      );
    case "producer-paused":
    case "producer-resumed": {
      const paused = event === "producer-paused";
      return changeStream(state, data, (stream) => ({ ...stream, paused }));
    }
    default:
      return {};
  }
}

/** Whether the stream of a consumer is one that a participant of this meeting has. */
export function isOffered(state: MeetingState, info: ConsumerInfo): boolean {
  const participant = state.participants.get(info.participantId);
  const stream = participant?.streams[kindOf[info.source]];
  if (!stream || participant?.isLocal) return false;
  return stream.id === info.producerId && stream.streamId === info.encryption?.streamId;
}

/** A consumer's track is there. */
export function trackArrived(
  state: MeetingState,
  info: ConsumerInfo,
  track: MediaStreamTrack,
): Change {
  return changeStream(state, info, (stream) => ({ ...stream, track }));
}

/** The local participant's stream of one kind: another, or none any more. */
export function localStream(
  state: MeetingState,
  kind: StreamKind,
  change: (before: Stream | undefined) => Stream | undefined,
): Change {
  return presented(
    state,
    withParticipant(state, state.participantId, (participant) =>
      withStream(participant, kind, change(participant.streams[kind])),
    ),
  );
}

/** An event about a stream that has gone by now changes nothing. */
export function encryptionChanged(state: MeetingState, event: E2EEEvent): Change {
  const { participantId, kind, state: name, reason, kid } = event;
  const streamId = event.streamId && toBase64Url(event.streamId);
  return withParticipant(state, participantId, (participant) => {
    const stream = participant.streams[kind];
    if (!stream || stream.streamId !== streamId) return participant;
    const encryption = {
      state: name,
      ...(reason !== undefined && { reason }),
      ...(kid !== undefined && { kid }),
    };
    return withStream(participant, kind, { ...stream, encryption });
  });
}

function participantOf(info: ParticipantInfo, state: MeetingState): Participant {
  const before = state.participants.get(info.participantId);
  const streams: Participant["streams"] = {};
  for (const producer of info.producers) {
    const stream = streamOf(producer);
    const known = before?.streams[stream.kind];
    const isSame = known?.id === stream.id && known.streamId === stream.streamId;
    // A stream that goes on in a new session has told how it fares, and tells it only once.
    if (isSame && known.encryption) stream.encryption = known.encryption;
    streams[stream.kind] = stream;
  }
  return {
    id: info.participantId,
    displayName: info.displayName,
    isLocal: false,
    mode: info.mode,
    metaData: info.metaData,
    streams,
  };
}

function streamOf({ producerId, source, paused, encryption }: ProducerInfo): Stream {
  return {
    id: producerId,
    kind: kindOf[source],
    paused,
    isEncrypted: encryption !== undefined,
    ...(encryption && { streamId: encryption.streamId }),
  };
}

function changeStream(
  state: MeetingState,
  { participantId, producerId }: { participantId: string; producerId: string },
  change: (stream: Stream) => Stream | undefined,
): Change {
  return withParticipant(state, participantId, (participant) => {
    const stream = streamById(participant, producerId);
    return stream ? withStream(participant, stream.kind, change(stream)) : participant;
  });
}

/** The change, and the presenter that follows from it. */
function presented(state: MeetingState, change: Change): Change {
  return { ...change, presenterId: presenterOf({ ...state, ...change }) };
}
