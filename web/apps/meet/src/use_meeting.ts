// The thin binding of React to a meeting's store.

import type { Meeting, MeetingState } from "@sotto/js-sdk";
import { useSyncExternalStore } from "react";

/** One part of the state; renders again only when that part is another. */
export function useMeetingState<Part>(
  meeting: Meeting,
  select: (state: MeetingState) => Part,
): Part {
  return useSyncExternalStore(meeting.store.subscribe, () => select(meeting.store.getState()));
}
