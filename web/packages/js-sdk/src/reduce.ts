// How a meeting's state follows from what happens. Pure functions from state to changed fields.

import type { E2EEEvent, StreamKind } from "@sotto/e2ee";

import { kindOf } from "./kinds";
import type { ConsumerInfo, JoinAnswer, Notification, ParticipantInfo, ProducerInfo } from "./messages";
import {
  type MeetingState,
  type Participant,
  presenterOf,
  type Stream,
  withParticipant,
  withStream,
} from "./state";

type Change = Partial<MeetingState>;

export function joined(state: MeetingState, answer: JoinAnswer): Change {
  const participants = new Map<string, Participant>();
  const local = state.participants.get(state.participantId);
  if (local) participants.set(local.id, local);
  for (const info of answer.participants) participants.set(info.participantId, participantOf(info, state));
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

export function applyNotification(state: MeetingState, { event, data }: Notification): Change {
  switch (event) {
    case "participant-joined": {
      const participants = new Map(state.participants).set(data.participantId, participantOf(data, state));
      return presented(state, { participants });
    }
    case "participant-left": {
      const participants = new Map(state.participants);
      participants.delete(data.participantId);
      const isSpeaker = state.activeSpeakerId === data.participantId;
      return presented(state, { participants, ...(isSpeaker && { activeSpeakerId: undefined }) });
    }
    case "producer-added": {
      const { participantId, producer } = data;
      return presented(
        state,
        withParticipant(state, participantId, (participant) =>
          withStream(participant, kindOf[producer.source], streamOf(producer)),
        ),
      );
    }
    case "producer-closed":
      return presented(state, changeStream(state, data.participantId, data.producerId, () => undefined));
    case "producer-paused":
    case "producer-resumed": {
      const paused = event === "producer-paused";
      return changeStream(state, data.participantId, data.producerId, (stream) => ({ ...stream, paused }));
    }
    case "active-speaker":
      return { activeSpeakerId: data.participantId };
    default:
      return {};
  }
}

/** A consumer's track is there. */
export function trackArrived(state: MeetingState, info: ConsumerInfo, track: MediaStreamTrack): Change {
  return changeStream(state, info.participantId, info.producerId, (stream) => ({ ...stream, track }));
}

/** The local participant's stream: whole, some of its fields, or none any more. */
export function localStream(state: MeetingState, kind: StreamKind, change: Partial<Stream> | undefined): Change {
  return presented(
    state,
    withParticipant(state, state.participantId, (participant) => {
      const before = participant.streams[kind];
      const after = change && ({ ...before, ...change } as Stream);
      return withStream(participant, kind, after);
    }),
  );
}

export function encryptionChanged(state: MeetingState, event: E2EEEvent): Change {
  const { participantId, kind, state: name, reason, kid } = event;
  return withParticipant(state, participantId, (participant) => {
    const stream = participant.streams[kind];
    if (!stream) return participant;
    const encryption = { state: name, ...(reason !== undefined && { reason }), ...(kid !== undefined && { kid }) };
    return withStream(participant, kind, { ...stream, encryption });
  });
}

function participantOf(info: ParticipantInfo, state: MeetingState): Participant {
  const before = state.participants.get(info.participantId);
  const streams: Participant["streams"] = {};
  for (const producer of info.producers) {
    const kind = kindOf[producer.source];
    const known = before?.streams[kind];
    streams[kind] = known?.id === producer.producerId ? known : streamOf(producer);
  }
  return {
    id: info.participantId,
    displayName: info.displayName,
    isLocal: false,
    mode: info.mode,
    metaData: info.metaData ?? {},
    streams,
  };
}

function streamOf({ producerId, source, paused, encryption }: ProducerInfo): Stream {
  return { id: producerId, kind: kindOf[source], paused, isEncrypted: encryption !== undefined };
}

function changeStream(
  state: MeetingState,
  participantId: string,
  producerId: string,
  change: (stream: Stream) => Stream | undefined,
): Change {
  return withParticipant(state, participantId, (participant) => {
    const stream = Object.values(participant.streams).find(({ id }) => id === producerId);
    return stream ? withStream(participant, stream.kind, change(stream)) : participant;
  });
}

/** The change, and the presenter that follows from it. */
function presented(state: MeetingState, change: Change): Change {
  return { ...change, presenterId: presenterOf({ ...state, ...change }) };
}
