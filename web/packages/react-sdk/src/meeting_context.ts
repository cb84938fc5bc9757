// How hooks find the meeting of the provider above them.

import { createContext, useContext } from "react";

import type { Meeting } from "./meeting_view";

export const MeetingContext = createContext<Meeting | null>(null);

export function useMeetingView(): Meeting {
  const meeting = useContext(MeetingContext);
  if (!meeting) throw new Error("This needs a MeetingProvider above it.");
  return meeting;
}
