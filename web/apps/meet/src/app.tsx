// Which of the app's pages is shown.

import { MeetingProvider } from "@sotto/react-sdk";
import { useEffect, useRef, useState } from "react";

import { openTracks } from "./devices/open";
import type { Link } from "./link";
import { Home } from "./pages/home";
import { Insecure } from "./pages/insecure";
import { Left } from "./pages/left";
import { Lobby } from "./pages/lobby";
import { Unsupported } from "./pages/unsupported";
import { Room, type Wanted } from "./room";
import { useSettings } from "./settings";
import { whatIsMissing } from "./support";
import { Notices, useNotices } from "./ui/notices";
import { useVisit } from "./visit";

export function App({ link }: { link: Link }) {
  const [missing] = useState(whatIsMissing);
  if (!window.isSecureContext) return <Insecure />;
  if (missing !== undefined) return <Unsupported missing={missing} />;
  return <Meet link={link} />;
}

function Meet({ link: firstLink }: { link: Link }) {
  const [settings, changeSettings] = useSettings();
  const [notices, notify] = useNotices();
  const visit = useVisit(firstLink, notify);
  const wanted = useRef<Wanted>({ camera: true, microphone: true });
  const { link, session, isInCall, outcome, isBusy, error } = visit;
  useTitle(link.roomId);

  const rejoin = async () => {
    const tracks = await openTracks(settings, wanted.current, notify);
    visit.join({ name: settings.name, key: link.key, ...tracks });
  };

  return (
    <>
      {session && (
        <MeetingProvider
          key={session.id}
          config={session.config}
          token={session.token}
          keyProvider={session.keyProvider}
          joinWithoutUserInteraction
        >
          <Room
            {...{ visit, settings, wanted, notify }}
            onSettings={changeSettings}
            onKey={visit.takeKey}
          />
        </MeetingProvider>
      )}
      {isInCall ? null : outcome ? (
        <Left {...{ outcome, isBusy, error }} onRejoin={rejoin} onHome={visit.goHome} />
      ) : link.roomId !== undefined ? (
        <Lobby
          {...{ settings, isBusy, error }}
          key={link.roomId}
          roomId={link.roomId}
          meetingKey={link.key}
          onSettings={changeSettings}
          onJoin={visit.join}
          onHome={visit.goHome}
        />
      ) : (
        <Home {...{ isBusy, error }} onCreate={visit.createRoom} onLink={visit.openLink} />
      )}
      <Notices notices={notices} />
    </>
  );
}

function useTitle(roomId: string | undefined): void {
  useEffect(() => {
    document.title = roomId === undefined ? "Sotto Meet" : `${roomId} · Sotto Meet`;
  }, [roomId]);
}
