// A participant's camera or screen.

import { type CSSProperties, type Ref, useCallback, useRef } from "react";

import { useTrack } from "./media_element";
import { useParticipant } from "./use_participant";

export interface VideoPlayerProps {
  participantId: string;
  /** Default "video", the camera. */
  type?: "video" | "share";
  containerStyle?: CSSProperties;
  className?: string;
  classNameVideo?: string;
  videoStyle?: CSSProperties;
  videoRef?: Ref<HTMLVideoElement>;
}

/** Without sound; one's own camera is mirrored. For styles, `data-state` is "on" or "off". */
export function VideoPlayer(props: VideoPlayerProps) {
  const { participantId, type = "video", className = "", videoRef } = props;
  const { webcamStream, screenShareStream, isLocal, displayName } = useParticipant(participantId);
  const stream = type === "share" ? screenShareStream : webcamStream;
  const element = useRef<HTMLVideoElement | null>(null);
  useTrack(element, stream?.track);
  const release = useRef<(() => void) | null>(null);
  const setElement = useCallback(
    (video: HTMLVideoElement | null) => {
      element.current = video;
      if (!video && release.current) release.current();
      else release.current = give(videoRef, video);
    },
    [videoRef],
  );
  return (
    <div
      className={`video-container participant-video-${participantId} ${className}`.trim()}
      style={{ height: "100%", ...props.containerStyle }}
      data-type={type}
      data-state={stream ? "on" : "off"}
    >
      <video
        ref={setElement}
        className={props.classNameVideo}
        style={{
          width: "100%",
          height: "100%",
          objectFit: type === "share" ? "contain" : "cover",
          ...(isLocal && type === "video" && { transform: "scaleX(-1)" }),
          ...props.videoStyle,
        }}
        aria-label={`${displayName}, ${type === "share" ? "screen" : "camera"}`}
        autoPlay
        playsInline
        muted
      />
    </div>
  );
}

/** Returns what the app's function wants called in place of itself at the end, as React 19 allows. */
function give(
  ref: Ref<HTMLVideoElement> | undefined,
  video: HTMLVideoElement | null,
): (() => void) | null {
  if (typeof ref === "function") {
    const end: unknown = ref(video);
    return typeof end === "function" ? (end as () => void) : null;
  }
  if (ref) (ref as { current: HTMLVideoElement | null }).current = video;
  return null;
}
