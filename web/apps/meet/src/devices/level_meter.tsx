// Shows that the microphone hears something: a bar for the eyes, a sentence for everybody.

import { useRef, useState } from "react";

import { useLevel } from "./use_level";

const HEARD_LEVEL = 0.35;

export function LevelMeter({ track }: { track: MediaStreamTrack | undefined }) {
  const bar = useRef<HTMLSpanElement>(null);
  const [heard, setHeard] = useState<MediaStreamTrack>();
  useLevel(track, (level) => {
    bar.current?.style.setProperty("--level", level.toFixed(2));
    if (level > HEARD_LEVEL) setHeard(track);
  });
  if (!track) return null;
  return (
    <span className="meter">
      <span className="meter-bar" ref={bar} aria-hidden="true" />
      <small role="status">
        {heard === track ? "Your microphone works." : "Say something: the bar moves when it hears you."}
      </small>
    </span>
  );
}
