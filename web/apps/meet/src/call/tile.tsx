// One person: their camera, or who they are while it is off; what is worth knowing stands on it.

import { useMeeting, useParticipant, VideoPlayer } from "@sotto/react-sdk";
import { memo, useRef } from "react";

import { useLevel } from "../devices/use_level";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icons";
import { stateOf, usesAnotherKey, worstOf } from "./encryption_words";

interface TileProps {
  id: string;
  onKey: () => void;
}

/** Renders again for its own person only, not when somebody else speaks. */
export const Tile = memo(function Tile({ id, onKey }: TileProps) {
  const { displayName, isLocal, webcamOn, micOn, isActiveSpeaker, e2eeStates } = useParticipant(id);
  const { audio, video } = e2eeStates;
  const words = worstOf([video, audio]);
  const hasAnotherKey = usesAnotherKey(video) || usesAnotherKey(audio);
  return (
    <figure
      className="tile"
      data-participant={id}
      data-local={isLocal}
      data-view="camera"
      data-speaking={isActiveSpeaker}
      data-muted={!micOn}
      data-audio={stateOf(audio)}
      data-video={stateOf(video)}
    >
      <Avatar name={displayName} />
      {webcamOn && <VideoPlayer participantId={id} className="tile-video" />}
      {isLocal && <OwnLevel id={id} />}
      {hasAnotherKey && <AnotherKey name={displayName} onKey={onKey} />}
      <figcaption>
        <span className="name">
          {!micOn && <Icon name="micOff" />}
          <span>{isLocal ? `${displayName} (you)` : displayName}</span>
          {!micOn && <span className="unseen">, muted</span>}
        </span>
        {words && !hasAnotherKey && (
          <span className="encryption" data-tone={words.tone}>
            <Icon name={words.tone === "bad" ? "warning" : "lock"} />
            <span className={words.tone === "bad" ? undefined : "unseen"}>{words.text}</span>
          </span>
        )}
      </figcaption>
    </figure>
  );
});

const TALKING_LEVEL = 0.45;
const TALKING_HOLD_MS = 400;

/** The ring around oneself, at once and without asking the server. */
function OwnLevel({ id }: { id: string }) {
  const { micStream } = useParticipant(id);
  const ring = useRef<HTMLSpanElement>(null);
  const heardAt = useRef(-Infinity);
  useLevel(micStream?.track, (level) => {
    const now = performance.now();
    if (level > TALKING_LEVEL) heardAt.current = now;
    ring.current?.toggleAttribute("data-on", now - heardAt.current < TALKING_HOLD_MS);
  });
  return <span ref={ring} className="own-level" aria-hidden="true" />;
}

function AnotherKey({ name, onKey }: { name: string; onKey: () => void }) {
  const { safetyCode } = useMeeting();
  if (safetyCode === null)
    return (
      <div className="tile-note">
        <p>You need the key to see and hear {name}.</p>
      </div>
    );
  return (
    <div className="tile-note">
      <p>
        <strong>{name} uses another key.</strong>
        <span> You neither see nor hear each other until both use the same one.</span>
      </p>
      <button onClick={onKey}>Enter the key</button>
    </div>
  );
}
