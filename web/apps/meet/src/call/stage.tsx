// The tiles. Each stands where the layout says, in the order in which they are read; none is made anew
// when the layout changes.

import { memo, useState } from "react";

import { Icon } from "../ui/icons";
import { useSize } from "../ui/use_size";
import { ScreenTile } from "./screen_tile";
import { Tile } from "./tile";
import { useStage } from "./use_stage";

interface StageProps {
  onKey: () => void;
  onPeople: () => void;
  onInvite: () => void;
}

export const Stage = memo(function Stage({ onKey, onPeople, onInvite }: StageProps) {
  const [watch, size] = useSize();
  const [pinnedId, setPinnedId] = useState<string>();
  const { items, largeId, hiddenCount } = useStage(size, pinnedId);
  return (
    <section
      ref={watch}
      className="stage"
      aria-label="Participants"
      data-layout={largeId === undefined ? "grid" : "screen"}
    >
      {items.map(({ key, kind, id, box }) => (
        <div key={key} className="slot" style={box}>
          {kind === "camera" && <Tile id={id} onKey={onKey} />}
          {kind === "screen" && (
            <ScreenTile id={id} onEnlarge={id === largeId ? undefined : setPinnedId} />
          )}
          {kind === "seat" && <EmptySeat onInvite={onInvite} />}
          {kind === "more" && (
            <button className="tile more-tile" onClick={onPeople}>
              <strong>+{hiddenCount}</strong> more
            </button>
          )}
        </div>
      ))}
    </section>
  );
});

/** What to do about being the only one. */
function EmptySeat({ onInvite }: { onInvite: () => void }) {
  return (
    <div className="empty-seat">
      <p>
        <strong>Nobody else is here yet</strong>
      </p>
      <p>Send the link to those you want to meet.</p>
      <button onClick={onInvite}>
        <Icon name="link" />
        Invite people
      </button>
    </div>
  );
}
