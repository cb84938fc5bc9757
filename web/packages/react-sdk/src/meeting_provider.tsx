// Makes a meeting and gives it to the hooks below. The meeting begins with the provider and ends with it.

import { type ExternalE2EEKeyProvider, isJoined, Meeting as Core } from "@sotto/js-sdk";
import { type ReactNode, useEffect, useState } from "react";

import { type MeetingConfig, toMeetingOptions } from "./config";
import { MeetingContext } from "./meeting_context";
import { Meeting } from "./meeting_view";

export interface MeetingProviderProps {
  /** Read when the meeting is made; another key of the provider makes another meeting. */
  config: MeetingConfig;
  /** From the app's backend. Sotto also takes a function, which is asked anew for every joining. */
  token: string | (() => string | Promise<string>);
  /** With it, nothing leaves in clear, whatever the server says. Null and undefined: in clear. */
  keyProvider?: ExternalE2EEKeyProvider | null | undefined;
  /** Join at once. Default false. */
  joinWithoutUserInteraction?: boolean | undefined;
  /** Another meetingId or token, once joined: leave, and join with the new ones. Default false. */
  reinitialiseMeetingOnConfigChange?: boolean | undefined;
  children?: ReactNode;
}

interface Made {
  meeting: Meeting;
  meetingId: string;
  token: MeetingProviderProps["token"];
  keyProvider: ExternalE2EEKeyProvider | null | undefined;
  joinsAtOnce: boolean;
}

export function MeetingProvider(props: MeetingProviderProps) {
  const { config, token, keyProvider, children } = props;
  const { joinWithoutUserInteraction = false, reinitialiseMeetingOnConfigChange = false } = props;
  const [made, setMade] = useState(() => make(props, joinWithoutUserInteraction));
  const { meeting, joinsAtOnce } = made;

  // After the effects of the children, which hear of everything then.
  useEffect(() => {
    const release = hold(meeting);
    if (joinsAtOnce) void meeting.join();
    return release;
  }, [meeting, joinsAtOnce]);

  const isOutdated = made.meetingId !== config.meetingId || !isSameToken(made.token, token);
  // A provider that comes late must not leave the meeting in clear. One in place of another is not taken:
  // an app that makes one with every rendering would join without end.
  const isUnprotected = !made.keyProvider && Boolean(keyProvider);
  useEffect(() => {
    if (!isUnprotected && !(reinitialiseMeetingOnConfigChange && isOutdated)) return;
    const { state } = meeting.core;
    const isIn = state.status === "connecting" || isJoined(state);
    if (isIn) meeting.core.leave();
    setMade(make(props, isIn || (joinsAtOnce && state.status === "idle")));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isOutdated, isUnprotected, config.meetingId, token]);

  return <MeetingContext.Provider value={meeting}>{children}</MeetingContext.Provider>;
}

function make({ config, token, keyProvider }: MeetingProviderProps, joinsAtOnce: boolean): Made {
  const core = new Core(toMeetingOptions(config, token, keyProvider));
  const meeting = new Meeting(core, config);
  return { meeting, meetingId: config.meetingId, token, keyProvider, joinsAtOnce };
}

/** A function is another one with every rendering, and gives a token of its own every time. */
function isSameToken(
  one: MeetingProviderProps["token"],
  other: MeetingProviderProps["token"],
): boolean {
  return one === other || (typeof one === "function" && typeof other === "function");
}

const holders = new WeakMap<Meeting, { count: number; timer?: ReturnType<typeof setTimeout> }>();

/**
 * Keeps the meeting until the returned function is called. StrictMode takes effects back and repeats them
 * at once: only a meeting that nobody holds a moment later is left.
 */
function hold(meeting: Meeting): () => void {
  const holder = holders.get(meeting) ?? { count: 0 };
  holders.set(meeting, holder);
  clearTimeout(holder.timer);
  holder.count++;
  meeting.isReleased = false;
  return () => {
    holder.count--;
    holder.timer = setTimeout(() => {
      if (holder.count === 0) meeting.isReleased = true;
    }, 0);
  };
}
