// `useMeeting` as a component.

import type { ReactNode } from "react";

import type { MeetingCallbacks } from "./callbacks";
import { type UseMeeting, useMeeting } from "./use_meeting";

export interface MeetingConsumerProps extends MeetingCallbacks {
  children: (meeting: UseMeeting) => ReactNode;
}

export function MeetingConsumer({ children, ...callbacks }: MeetingConsumerProps) {
  return <>{children(useMeeting(callbacks))}</>;
}
