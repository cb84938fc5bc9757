// The call: tiles, controls, safety code, key entry.

import type { Meeting, MeetingState } from "@sotto/js-sdk";
import { useEffect, useState } from "react";

import { KeyEntry } from "./key_entry";
import { type MeetingKey, meetingLink } from "./link";
import { Tile } from "./tile";
import { useMeetingState } from "./use_meeting";

interface CallProps {
  meeting: Meeting;
  keyInUse: MeetingKey | undefined;
  onKey: (key: MeetingKey) => void;
  onLeave: (reason?: string) => void;
}

export function Call({ meeting, keyInUse, onKey, onLeave }: CallProps) {
  const status = useMeetingState(meeting, (state) => state.status);
  const participants = useMeetingState(meeting, (state) => state.participants);
  const activeSpeakerId = useMeetingState(meeting, (state) => state.activeSpeakerId);
  const safetyCode = useMeetingState(meeting, (state) => state.safetyCode);
  const [notice, setNotice] = useState<string>();
  const [isKeyOpen, setKeyOpen] = useState(keyInUse === undefined);

  useEnd(meeting, onLeave);
  useEffect(() => meeting.events.on("error", (error) => setNotice(error.message)), [meeting]);

  const people = [...participants.values()];
  const copyLink = async () => {
    try {
      await navigator.clipboard.writeText(meetingLink(meeting.state.roomId, keyInUse));
      setNotice("Link copied. Whoever has it can join and decrypt.");
    } catch {
      setNotice("The browser did not allow copying.");
    }
  };

  return (
    <main className="call" data-page="call" data-status={status}>
      <header>
        <span className="safety" title="Compare this code aloud: the same code means the same key.">
          {safetyCode ? (
            <>
              Safety code <output data-safety-code>{safetyCode}</output>
            </>
          ) : (
            "No key yet: nobody sees or hears you"
          )}
        </span>
        <span role="status">{status === "reconnecting" ? "Reconnecting…" : notice}</span>
      </header>
      <section className="tiles" aria-label="Participants">
        {people.flatMap((participant) => [
          <Tile
            key={participant.id}
            participant={participant}
            isSpeaking={participant.id === activeSpeakerId}
            view="camera"
          />,
          ...(participant.streams.share
            ? [<Tile key={`${participant.id} screen`} participant={participant} isSpeaking={false} view="screen" />]
            : []),
        ])}
      </section>
      {isKeyOpen && (
        <KeyEntry
          onKey={(key) => {
            onKey(key);
            setKeyOpen(false);
          }}
          onCancel={() => setKeyOpen(false)}
        />
      )}
      <Controls meeting={meeting} onNotice={setNotice}>
        <button onClick={copyLink}>Copy link</button>
        <button aria-expanded={isKeyOpen} onClick={() => setKeyOpen(!isKeyOpen)}>
          Key
        </button>
        <button className="danger" onClick={() => onLeave()}>
          Leave
        </button>
      </Controls>
    </main>
  );
}

/** The meeting ended by itself: the way back, with the reason. */
function useEnd(meeting: Meeting, onLeave: (reason?: string) => void) {
  useEffect(
    () =>
      meeting.store.subscribe(() => {
        const { status, error } = meeting.state;
        if (status === "failed" || (status === "left" && error)) onLeave(error?.message ?? "The meeting ended.");
      }),
    [meeting, onLeave],
  );
}

interface ControlsProps {
  meeting: Meeting;
  onNotice: (text: string) => void;
  children: React.ReactNode;
}

function Controls({ meeting, onNotice, children }: ControlsProps) {
  const streams = useMeetingState(meeting, localStreams);
  const isMicrophoneOn = streams.audio !== undefined && !streams.audio.paused;
  const attempt = (action: Promise<void>) => void action.catch((error: Error) => onNotice(error.message));
  return (
    <footer aria-label="Controls">
      <button
        aria-pressed={isMicrophoneOn}
        onClick={() => attempt(isMicrophoneOn ? meeting.disableMicrophone() : meeting.enableMicrophone())}
      >
        {isMicrophoneOn ? "Mute" : "Unmute"}
      </button>
      <button
        aria-pressed={streams.video !== undefined}
        onClick={() => attempt(streams.video ? meeting.disableCamera() : meeting.enableCamera())}
      >
        {streams.video ? "Stop camera" : "Start camera"}
      </button>
      <button
        aria-pressed={streams.share !== undefined}
        onClick={() => attempt(streams.share ? meeting.disableScreenShare() : meeting.enableScreenShare())}
      >
        {streams.share ? "Stop sharing" : "Share screen"}
      </button>
      {children}
    </footer>
  );
}

const NO_STREAMS = {};

function localStreams(state: MeetingState): NonNullable<ReturnType<MeetingState["participants"]["get"]>>["streams"] {
  return state.participants.get(state.participantId)?.streams ?? NO_STREAMS;
}
