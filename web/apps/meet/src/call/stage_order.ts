// Who has a tile where there is not room for everybody. Nobody jumps: who is shown keeps the place, and a
// speaker who is not shown takes that of the one who has been silent longest. Where all find room, they stand
// in the order in which they came.

export interface Order {
  shown: readonly string[];
  /** Who has spoken, the newest last. */
  spoken: readonly string[];
}

export const NOBODY: Order = { shown: [], spoken: [] };

export interface Scene {
  ids: readonly string[];
  localId: string | undefined;
  speakerId: string | undefined;
  /** How many have room. */
  room: number;
}

/** The same object if nothing is different. */
export function arrange(before: Order, { ids, localId, speakerId, room }: Scene): Order {
  const isThere = new Set(ids);
  const isSpeaker = speakerId !== undefined && isThere.has(speakerId);
  const spoken = before.spoken.filter((id) => isThere.has(id) && id !== speakerId);
  if (isSpeaker) spoken.push(speakerId);

  if (ids.length <= room) return sameOr(before, { shown: ids, spoken });
  const kept = before.shown.filter((id) => isThere.has(id)).slice(0, room);
  const isKept = new Set(kept);
  const shown = [...kept, ...ids.filter((id) => !isKept.has(id))].slice(0, room);
  if (isSpeaker && room > 0 && !shown.includes(speakerId))
    shown[quietestPlace(shown, spoken, localId)] = speakerId;

  return sameOr(before, { shown, spoken });
}

function sameOr(before: Order, after: Order): Order {
  return isSame(before.shown, after.shown) && isSame(before.spoken, after.spoken) ? before : after;
}

/** Of those who never spoke, the last. One's own picture stays as long as there is another. */
function quietestPlace(
  shown: readonly string[],
  spoken: readonly string[],
  localId: string | undefined,
): number {
  let [place, rank] = [0, Infinity];
  shown.forEach((id, i) => {
    const own = id === localId ? spoken.length : spoken.indexOf(id);
    if (own <= rank) [place, rank] = [i, own];
  });
  return place;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
