// The call: tiles, controls, safety code, key entry.

import type { Meeting } from "@sotto/js-sdk";
import { useEffect, useRef, useState } from "react";

import { Controls } from "./controls";
import { focusHeading } from "./focus";
import { KeyEntry } from "./key_entry";
import { type MeetingKey, meetingLink } from "./link";
import { Tile } from "./tile";
import { useMeetingState } from "./use_meeting";

const NOTICE_TIME_MS = 10_000;

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
  const [notice, setNotice] = useState<string>();
  const [isKeyOpen, setKeyOpen] = useState(keyInUse === undefined);
  const keyButton = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    // The meeting ended by itself: the way back, with the reason.
    const { error } = meeting.state;
    if (error && (status === "failed" || status === "left")) onLeave(error.message);
  }, [meeting, status, onLeave]);
  useEffect(() => meeting.events.on("error", (error) => setNotice(error.message)), [meeting]);
  useEffect(() => {
    const timer = setTimeout(() => setNotice(undefined), NOTICE_TIME_MS);
    return () => clearTimeout(timer);
  }, [notice]);

  const closeKeyEntry = () => {
    setKeyOpen(false);
    keyButton.current?.focus();
  };
  const copyLink = async () => {
    try {
      await navigator.clipboard.writeText(meetingLink(meeting.state.roomId, keyInUse));
      setNotice(
        keyInUse === undefined
          ? "Link copied, without the key: there is none here yet."
          : "Link copied. Whoever has it can join and decrypt.",
      );
    } catch {
      setNotice("The browser did not allow copying.");
    }
  };

  return (
    <main className="call" data-page="call" data-status={status}>
      <header>
        <h1 className="unseen" ref={focusHeading} tabIndex={-1}>
          Meeting {meeting.state.roomId}
        </h1>
        <SafetyCode meeting={meeting} />
        <span role="status">{status === "reconnecting" ? "Reconnecting…" : notice}</span>
      </header>
      <section className="tiles" aria-label="Participants" data-count={participants.size}>
        {[...participants.values()].flatMap((participant) => {
          const { id, streams } = participant;
          const camera = (
            <Tile
              key={id}
              participant={participant}
              isSpeaking={id === activeSpeakerId}
              view="camera"
            />
          );
          if (!streams.share) return [camera];
          const screen = (
            <Tile key={`${id} screen`} participant={participant} isSpeaking={false} view="screen" />
          );
          return [screen, camera];
        })}
      </section>
      {isKeyOpen && (
        <KeyEntry
          onKey={(key) => {
            onKey(key);
            closeKeyEntry();
          }}
          onCancel={closeKeyEntry}
        />
      )}
      <Controls meeting={meeting} onNotice={setNotice}>
        <button onClick={copyLink}>Copy link</button>
        <button ref={keyButton} aria-expanded={isKeyOpen} onClick={() => setKeyOpen(!isKeyOpen)}>
          Key
        </button>
        <button className="danger" onClick={() => onLeave()}>
          Leave
        </button>
      </Controls>
    </main>
  );
}

function SafetyCode({ meeting }: { meeting: Meeting }) {
  const safetyCode = useMeetingState(meeting, (state) => state.safetyCode);
  if (!safetyCode) return <span className="safety">No key yet: nobody sees or hears you</span>;
  return (
    <span className="safety" title="Compare this code aloud: the same code means the same key.">
      Safety code <output data-safety-code>{safetyCode}</output>
    </span>
  );
}
