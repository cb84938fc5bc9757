// A participant's microphone, or the sound of their screen.

import { useRef } from "react";

import { useTrack } from "./media_element";
import { useParticipant } from "./use_participant";

export interface AudioPlayerProps {
  participantId: string;
  /** Default "audio", the microphone. */
  type?: "audio" | "shareAudio";
  /**
   * Sotto's own: browsers block sound until the user has touched the page. It begins by itself at the next
   * click or key; meanwhile this says true, so that the page can ask for one.
   */
  onBlocked?: (isBlocked: boolean) => void;
}

/** One's own sound is not played. */
export function AudioPlayer({ participantId, type = "audio", onBlocked }: AudioPlayerProps) {
  const { micStream, screenShareAudioStream, isLocal } = useParticipant(participantId);
  const stream = type === "shareAudio" ? screenShareAudioStream : micStream;
  const element = useRef<HTMLAudioElement>(null);
  useTrack(element, isLocal ? undefined : stream?.track, onBlocked);
  return <audio ref={element} data-type={type} autoPlay playsInline muted={isLocal} />;
}
