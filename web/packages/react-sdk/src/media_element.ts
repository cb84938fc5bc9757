// A media element that plays one track.

import { type RefObject, useEffect } from "react";

import { useLatest } from "./latest";

/** Shows the track, or nothing. A sound that the browser blocks is tried again at the next gesture. */
export function useTrack(
  element: RefObject<HTMLMediaElement | null>,
  track: MediaStreamTrack | undefined,
  onBlocked?: (isBlocked: boolean) => void,
): void {
  const latest = useLatest(onBlocked);
  useEffect(() => {
    const media = element.current;
    if (!media) return;
    media.srcObject = track ? new MediaStream([track]) : null;
    if (!track) return;
    const end = playWhenAllowed(media, (isBlocked) => latest.current?.(isBlocked));
    return () => {
      end();
      media.srcObject = null;
    };
  }, [element, track, latest]);
}

const GESTURES = ["pointerdown", "keydown", "touchend"] as const;

function playWhenAllowed(
  media: HTMLMediaElement,
  onBlocked: (isBlocked: boolean) => void,
): () => void {
  let isBlocked = false;
  const stopWaiting = () => {
    for (const gesture of GESTURES) document.removeEventListener(gesture, play, true);
  };
  const say = (value: boolean) => {
    if (isBlocked === value) return;
    isBlocked = value;
    onBlocked(value);
  };
  function play(): void {
    media.play().then(
      () => {
        stopWaiting();
        say(false);
      },
      (error: DOMException) => {
        // Anything else is a track that went away meanwhile.
        if (error.name !== "NotAllowedError") return;
        for (const gesture of GESTURES) document.addEventListener(gesture, play, true);
        say(true);
      },
    );
  }
  play();
  return () => {
    stopWaiting();
    say(false);
  };
}
