// Everybody in the meeting, and in words how each one's streams are encrypted.

import { useMeeting, useParticipant } from "@sotto/react-sdk";
import { memo } from "react";

import { Avatar } from "../ui/avatar";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { type Encryption, type Kind, usesAnotherKey, wordsOf } from "./encryption_words";

interface PeopleProps {
  /** Stands in front of the call instead of beside it. */
  isNarrow: boolean;
  onKey: () => void;
  onClose: () => void;
}

export function People({ isNarrow, onKey, onClose }: PeopleProps) {
  const { participants } = useMeeting();
  return (
    <Dialog
      title={`People (${participants.size})`}
      onClose={onClose}
      className="people"
      isPanel={!isNarrow}
    >
      <ul>
        {[...participants.keys()].map((id) => (
          <Row key={id} id={id} onKey={onKey} />
        ))}
      </ul>
    </Dialog>
  );
}

const KINDS: readonly [Kind, string][] = [
  ["audio", "Microphone"],
  ["video", "Camera"],
  ["share", "Screen"],
  ["shareAudio", "Sound of the screen"],
];

const Row = memo(function Row({ id, onKey }: { id: string; onKey: () => void }) {
  const { displayName, isLocal, isActiveSpeaker, micOn, e2eeStates } = useParticipant(id);
  const { safetyCode } = useMeeting();
  const streams = KINDS.flatMap(([kind, label]) => {
    const encryption = e2eeStates[kind];
    return encryption ? [{ kind, label, encryption }] : [];
  });
  // Without a key of one's own everybody has another one, and the bar above the tiles asks for it.
  const hasAnotherKey =
    safetyCode !== null && streams.some(({ encryption }) => usesAnotherKey(encryption));
  return (
    <li data-participant={id} data-speaking={isActiveSpeaker}>
      <Avatar name={displayName} />
      <div>
        <p className="person-name">
          {displayName}
          {isLocal && <span className="quiet"> (you)</span>}
        </p>
        {streams.length === 0 && <p className="quiet">Sends neither sound nor picture</p>}
        <ul className="streams">
          {streams.map(({ kind, label, encryption }) => (
            <StreamWords
              key={kind}
              label={kind === "audio" && !micOn ? `${label}, muted` : label}
              encryption={encryption}
            />
          ))}
        </ul>
        {hasAnotherKey && (
          <button className="small" onClick={onKey}>
            Enter the key of {displayName}
          </button>
        )}
      </div>
    </li>
  );
});

function StreamWords({ label, encryption }: { label: string; encryption: Encryption }) {
  const { text, tone } = wordsOf(encryption);
  return (
    <li data-tone={tone}>
      <Icon name={tone === "bad" ? "warning" : "lock"} />
      <span>
        {label}: {text.slice(0, 1).toLowerCase() + text.slice(1)}
      </span>
    </li>
  );
}
