// Which of the app's pages is shown: insecure origin, home, lobby, call.

import { type Meeting, MeetingError } from "@sotto/js-sdk";
import { useCallback, useEffect, useRef, useState } from "react";

import { requestToken } from "./api";
import { Call } from "./call";
import { Home } from "./home";
import { Insecure } from "./insecure";
import { type Link, type MeetingKey, newKey, roomPath, takeLink } from "./link";
import { Lobby, type LobbyChoice } from "./lobby";
import { createMeeting, type Running } from "./meeting";

export function App({ link: firstLink }: { link: Link }) {
  const [link, setLink] = useState(firstLink);
  const [name, setName] = useState("");
  const [isInCall, setInCall] = useState(false);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  // The meeting of now, also while it is being joined.
  const running = useRef<Running>(undefined);

  const leave = useCallback((reason?: string) => {
    running.current?.end();
    running.current = undefined;
    setInCall(false);
    setError(reason);
  }, []);

  const takeKey = useCallback((key: MeetingKey) => {
    running.current?.setKey(key);
    setLink((before) => ({ ...before, key }));
  }, []);

  useEffect(() => {
    const follow = () => {
      const { roomId, key } = takeLink();
      if (running.current && running.current.meeting.state.roomId !== roomId) leave();
      if (key !== undefined) running.current?.setKey(key);
      setLink((before) => ({
        roomId,
        key: key ?? (before.roomId === roomId ? before.key : undefined),
      }));
    };
    const events = ["popstate", "hashchange"] as const;
    for (const event of events) addEventListener(event, follow);
    if (location.hash !== "") follow();
    return () => {
      for (const event of events) removeEventListener(event, follow);
    };
  }, [leave]);

  useEffect(() => () => running.current?.end(), []);

  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await action();
    } catch (cause) {
      setError(explain(cause));
    } finally {
      setBusy(false);
    }
  };

  if (!window.isSecureContext) return <Insecure />;

  const createRoom = () =>
    attempt(async () => {
      const { roomId } = await requestToken();
      history.pushState(null, "", roomPath(roomId));
      setLink({ roomId, key: newKey() });
    });

  const join = (roomId: string, choice: LobbyChoice) =>
    attempt(async () => {
      const created = createMeeting({ roomId, name, choice });
      running.current = created;
      try {
        await created.meeting.join();
      } catch (cause) {
        created.end();
        if (running.current === created) running.current = undefined;
        throw cause;
      }
      setLink((before) => ({ roomId, key: before.key ?? choice.key }));
      setInCall(true);
    });

  const openLink = (opened: Link & { roomId: string }) => {
    history.pushState(null, "", roomPath(opened.roomId));
    setError(undefined);
    setLink(opened);
  };

  const meeting: Meeting | undefined = running.current?.meeting;
  if (isInCall && meeting)
    return <Call meeting={meeting} keyInUse={link.key} onKey={takeKey} onLeave={leave} />;
  const shared = { name, onName: setName, isBusy, error };
  const { roomId, key } = link;
  if (roomId === undefined) return <Home {...shared} onCreate={createRoom} onLink={openLink} />;
  return (
    <Lobby
      {...shared}
      key={roomId}
      roomId={roomId}
      meetingKey={key}
      onJoin={(choice) => void join(roomId, choice)}
    />
  );
}

/** What to tell the user; nothing if they themselves ended it. */
function explain(cause: unknown): string | undefined {
  if (cause instanceof MeetingError && cause.reason === "LEFT") return undefined;
  if (cause instanceof MeetingError && cause.code === 4009) return "This meeting is full.";
  return cause instanceof Error ? cause.message : String(cause);
}
