// Where somebody is between opening the page and closing it: which meeting, with which key, and whether
// they are before it, in it or after it.

import { useCallback, useEffect, useRef, useState } from "react";

import { requestToken } from "./api";
import { type Link, type MeetingKey, newKey, roomPath, takeLink } from "./link";
import { explainJoining, type Outcome, outcomeOf } from "./outcome";
import { createSession, type Session, type Tracks } from "./session";

export interface JoinChoice extends Tracks {
  name: string;
  key: MeetingKey | undefined;
}

export interface Visit {
  link: Link;
  session: Session | undefined;
  isInCall: boolean;
  isBusy: boolean;
  error: string | undefined;
  /** After a call. */
  outcome: Outcome | undefined;
  createRoom: () => void;
  openLink: (link: Link & { roomId: string }) => void;
  goHome: () => void;
  join: (choice: JoinChoice) => void;
  takeKey: (key: MeetingKey) => void;
  /** Of the session. */
  onJoined: () => void;
  onOver: (error: Error | null) => void;
}

export function useVisit(firstLink: Link, notify: (text: string) => void): Visit {
  const [link, setLink] = useState(firstLink);
  const [session, setSession] = useState<Session>();
  const [isInCall, setInCall] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [error, setError] = useState<string>();
  const [isCreating, setCreating] = useState(false);
  /** The session of now, and the key it was joined with. */
  const running = useRef<{ session: Session; key: MeetingKey | undefined }>(undefined);

  const end = useCallback(() => {
    running.current?.session.keyProvider.wipe();
    running.current = undefined;
    setSession(undefined);
    setInCall(false);
  }, []);

  const go = useCallback(
    (to: Link) => {
      if (running.current && running.current.session.roomId !== to.roomId) end();
      setError(undefined);
      setOutcome(undefined);
      setLink(to);
    },
    [end],
  );

  const takeKey = useCallback(
    (key: MeetingKey) => {
      running.current?.session.keyProvider
        .setSharedKey(key)
        .catch((cause: Error) => notify(cause.message));
      setLink((before) => ({ ...before, key }));
    },
    [notify],
  );

  useEffect(() => {
    const follow = () => {
      const { roomId, key } = takeLink();
      if (key !== undefined && running.current?.session.roomId === roomId) return takeKey(key);
      setLink((before) => {
        const kept = before.roomId === roomId ? before.key : undefined;
        return { roomId, key: key ?? kept };
      });
      if (running.current?.session.roomId === roomId) return;
      end();
      setError(undefined);
      setOutcome(undefined);
    };
    const events = ["popstate", "hashchange"] as const;
    for (const event of events) addEventListener(event, follow);
    if (location.hash !== "") follow();
    return () => {
      for (const event of events) removeEventListener(event, follow);
    };
  }, [end, takeKey]);

  const createRoom = async () => {
    setCreating(true);
    setError(undefined);
    try {
      const { roomId } = await requestToken();
      history.pushState(null, "", roomPath(roomId));
      go({ roomId, key: newKey() });
    } catch (cause) {
      setError((cause as Error).message);
    } finally {
      setCreating(false);
    }
  };

  const openLink = (opened: Link & { roomId: string }) => {
    history.pushState(null, "", roomPath(opened.roomId));
    go(opened);
  };

  const goHome = () => {
    history.pushState(null, "", "/");
    go({ roomId: undefined, key: undefined });
  };

  const join = ({ name, key, camera, microphone }: JoinChoice) => {
    if (link.roomId === undefined || running.current) return;
    setError(undefined);
    const tracks = { camera, microphone };
    const created = createSession({ roomId: link.roomId, name, key, tracks });
    running.current = { session: created, key };
    setSession(created);
  };

  const onJoined = useCallback(() => {
    const key = running.current?.key;
    // One that came by the address while joining is the newer one.
    setLink((before) => ({ ...before, key: before.key ?? key }));
    setOutcome(undefined);
    setInCall(true);
  }, []);

  const onOver = useCallback(
    (cause: Error | null) => {
      if (isInCall) setOutcome(outcomeOf(cause));
      else setError(cause ? explainJoining(cause) : undefined);
      end();
    },
    [end, isInCall],
  );

  const isBusy = isCreating || (session !== undefined && !isInCall);
  const state = { link, session, isInCall, isBusy, error, outcome };
  const actions = { createRoom: () => void createRoom(), openLink, goHome, join, takeKey };
  return { ...state, ...actions, onJoined, onOver };
}
