// What stands on the stage: which screen is large, and who has a tile.

import { useMeeting } from "@sotto/react-sdk";
import { useState, useSyncExternalStore } from "react";

import { arrange, NOBODY, type Order } from "./stage_order";
import { type Box, capacityOf, gridBoxes, screenBoxes } from "./layout";
import type { Size } from "../ui/use_size";

export interface Item {
  key: string;
  kind: "screen" | "camera" | "more" | "seat";
  id: string;
  box: Box;
}

export interface Staged {
  items: Item[];
  /** Whose screen is large. */
  largeId: string | undefined;
  hiddenCount: number;
}

export function useStage(size: Size, pinnedId: string | undefined): Staged {
  const { participants, localParticipant } = useMeeting();
  const sharing = useSharing();
  const localId = localParticipant?.id;
  const remote = sharing.filter((id) => id !== localId);
  const largeId = remote.find((id) => id === pinnedId) ?? remote[0];
  const small = sharing.filter((id) => id !== largeId);

  const room = Math.max(1, capacityOf(size, largeId !== undefined) - small.length);
  const ids = [...participants.keys()];
  const isEverybody = ids.length <= room;
  const shown = useOrder(ids, localId, isEverybody ? ids.length : Math.max(1, room - 1));

  const named = [
    ...(largeId === undefined ? [] : [{ kind: "screen" as const, id: largeId }]),
    ...small.map((id) => ({ kind: "screen" as const, id })),
    ...shown.map((id) => ({ kind: "camera" as const, id })),
    ...(isEverybody ? [] : [{ kind: "more" as const, id: "" }]),
    ...(ids.length === 1 ? [{ kind: "seat" as const, id: "" }] : []),
  ];
  const boxes =
    largeId === undefined ? gridBoxes(named.length, size) : screenBoxes(named.length, size);
  const items = named.flatMap(({ kind, id }, i) => {
    const box = boxes[i];
    return box ? [{ key: `${kind} ${id}`, kind, id, box }] : [];
  });
  return { items, largeId, hiddenCount: ids.length - shown.length };
}

/** Who speaks matters only where somebody has no tile. */
function useOrder(ids: string[], localId: string | undefined, room: number): readonly string[] {
  const meeting = useMeeting();
  const [order, setOrder] = useState<Order>(NOBODY);
  const speakerId = room < ids.length ? (meeting.activeSpeakerId ?? undefined) : undefined;
  const next = arrange(order, { ids, localId, speakerId, room });
  if (next !== order) setOrder(next);
  return next.shown;
}

/** The ids of those who share a screen, who began first comes first. */
function useSharing(): string[] {
  const { meeting, presenterId } = useMeeting();
  const { store } = meeting.core;
  const text = useSyncExternalStore(store.subscribe, () =>
    JSON.stringify(
      [...store.getState().participants.values()].flatMap(({ id, streams }) =>
        streams.share ? [id] : [],
      ),
    ),
  );
  const ids = JSON.parse(text) as string[];
  return presenterId !== null && ids.includes(presenterId)
    ? [presenterId, ...ids.filter((id) => id !== presenterId)]
    : ids;
}
