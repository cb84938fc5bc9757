// One person's camera or screen, and in words how it is encrypted.

import type { Participant, Stream } from "@sotto/js-sdk";
import { useEffect, useRef } from "react";

import { encryptionWords, stateOf } from "./encryption_words";

interface TileProps {
  participant: Participant;
  isSpeaking: boolean;
  view: "camera" | "screen";
}

export function Tile({ participant, isSpeaking, view }: TileProps) {
  const { streams, isLocal, displayName } = participant;
  const picture = view === "camera" ? streams.video : streams.share;
  const sound = view === "camera" ? streams.audio : streams.shareAudio;
  const words = encryptionWords(picture, sound);
  const name = isLocal ? `${displayName} (you)` : displayName;
  return (
    <figure
      className="tile"
      data-participant={participant.id}
      data-local={isLocal}
      data-view={view}
      data-speaking={isSpeaking}
      data-audio={stateOf(sound)}
      data-video={stateOf(picture)}
    >
      {picture ? (
        <Video
          stream={picture}
          isMirrored={isLocal && view === "camera"}
          label={`${name}, ${view}`}
        />
      ) : (
        <div className="initial" aria-hidden="true">
          {displayName.slice(0, 1).toUpperCase()}
        </div>
      )}
      {sound?.track && !isLocal && <Sound track={sound.track} />}
      <figcaption>
        <span>
          {name}
          {view === "screen" && ", screen"}
          {view === "camera" && (!sound || sound.paused) && <span className="muted"> · muted</span>}
        </span>
        <span className="encryption" data-tone={words.tone}>
          {words.text}
        </span>
      </figcaption>
    </figure>
  );
}

function Video(props: { stream: Stream; isMirrored: boolean; label: string }) {
  const { stream, isMirrored, label } = props;
  const element = useRef<HTMLVideoElement>(null);
  useTrack(element, stream.track);
  return (
    <video ref={element} data-mirrored={isMirrored} autoPlay playsInline muted aria-label={label} />
  );
}

function Sound({ track }: { track: MediaStreamTrack }) {
  const element = useRef<HTMLAudioElement>(null);
  useTrack(element, track);
  return <audio ref={element} autoPlay />;
}

function useTrack(
  element: React.RefObject<HTMLMediaElement | null>,
  track: MediaStreamTrack | undefined,
) {
  useEffect(() => {
    if (element.current) element.current.srcObject = track ? new MediaStream([track]) : null;
  }, [element, track]);
}
