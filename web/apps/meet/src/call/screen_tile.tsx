// A shared screen.

import { useParticipant, VideoPlayer } from "@sotto/react-sdk";
import { memo } from "react";

import { Icon } from "../ui/icons";
import { stateOf, usesAnotherKey, worstOf } from "./encryption_words";

interface ScreenTileProps {
  id: string;
  /** For a screen that is not the large one: makes it so. */
  onEnlarge?: ((id: string) => void) | undefined;
}

export const ScreenTile = memo(function ScreenTile({ id, onEnlarge }: ScreenTileProps) {
  const { displayName, isLocal, e2eeStates } = useParticipant(id);
  const { share, shareAudio } = e2eeStates;
  const words = worstOf([share, shareAudio]);
  const title = isLocal ? "Your screen" : `${displayName}’s screen`;
  return (
    <figure
      className="tile"
      data-participant={id}
      data-local={isLocal}
      data-view="screen"
      data-audio={stateOf(shareAudio)}
      data-video={stateOf(share)}
    >
      <span className="waiting">
        <Icon name="screen" />
        {usesAnotherKey(share) ? `${displayName} uses another key` : "The picture is on its way"}
      </span>
      <VideoPlayer participantId={id} type="share" className="tile-video" />
      {onEnlarge && !isLocal && (
        <button className="enlarge" onClick={() => onEnlarge(id)}>
          Show large
        </button>
      )}
      <figcaption>
        <span className="name">
          <Icon name="screen" />
          <span>{title}</span>
        </span>
        {words && (
          <span className="encryption" data-tone={words.tone}>
            <Icon name={words.tone === "bad" ? "warning" : "lock"} />
            <span className={words.tone === "bad" ? undefined : "unseen"}>{words.text}</span>
          </span>
        )}
      </figcaption>
    </figure>
  );
});
