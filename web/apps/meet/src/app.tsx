// Which of the app's pages is shown: insecure origin, home, lobby, call.

import { type Meeting, MeetingError } from "@sotto/js-sdk";
import { useCallback, useEffect, useState } from "react";

import { requestToken } from "./api";
import { Call } from "./call";
import { Home } from "./home";
import { Insecure } from "./insecure";
import { type MeetingKey, newKey, takeLink } from "./link";
import { Lobby, type LobbyChoice } from "./lobby";
import { createMeeting } from "./meeting";

interface Link {
  roomId: string | undefined;
  key: MeetingKey | undefined;
}

interface Running {
  meeting: Meeting;
  setKey: (key: MeetingKey) => void;
}

export function App({ link: firstLink }: { link: Link }) {
  const [link, setLink] = useState(firstLink);
  const [name, setName] = useState("");
  const [running, setRunning] = useState<Running>();
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  // A meeting that could not be joined has ended its tracks: the next lobby opens the devices anew.
  const [lobbyNumber, setLobbyNumber] = useState(0);

  useEffect(() => {
    const follow = () => setLink(takeLink());
    addEventListener("popstate", follow);
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener("hashchange", follow);
    };
  }, []);

  const attempt = useCallback(async (action: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await action();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  }, []);

  if (!window.isSecureContext) return <Insecure />;

  const createRoom = () =>
    attempt(async () => {
      const { roomId } = await requestToken();
      history.pushState(null, "", `/m/${roomId}`);
      setLink({ roomId, key: newKey() });
    });

  const join = (roomId: string, choice: LobbyChoice) =>
    attempt(async () => {
      const { token } = await requestToken(roomId);
      const created = createMeeting({ roomId, token, name, choice });
      try {
        await created.meeting.join();
      } catch (cause) {
        setLobbyNumber(lobbyNumber + 1);
        throw cause instanceof MeetingError && cause.code === 4009 ? new Error("This meeting is full.") : cause;
      }
      setLink({ roomId, key: choice.key });
      setRunning(created);
    });

  const leave = (reason?: string) => {
    running?.meeting.leave();
    setRunning(undefined);
    setError(reason);
  };

  if (running)
    return (
      <Call
        meeting={running.meeting}
        keyInUse={link.key}
        onKey={(key) => {
          running.setKey(key);
          setLink({ ...link, key });
        }}
        onLeave={leave}
      />
    );
  if (link.roomId === undefined)
    return <Home name={name} onName={setName} isBusy={isBusy} error={error} onCreate={createRoom} onLink={setLink} />;
  const { roomId, key } = link;
  return (
    <Lobby
      key={lobbyNumber}
      roomId={roomId}
      meetingKey={key}
      name={name}
      onName={setName}
      isBusy={isBusy}
      error={error}
      onJoin={(choice) => join(roomId, choice)}
    />
  );
}
