// The call: tiles, controls, and what opens in front of or beside them.

import { useMeeting } from "@sotto/react-sdk";
import { useCallback, useEffect, useRef, useState } from "react";

import { type MeetingKey, meetingLink } from "../link";
import type { ChangeSettings, Settings } from "../settings";
import { focusHeading } from "../ui/focus";
import type { Notify } from "../ui/notices";
import { useNarrow } from "../ui/use_narrow";
import { ConnectionBar, NoKeyBar } from "./bars";
import { Controls, type Opened, rareActions } from "./controls";
import { DevicesDialog } from "./devices_dialog";
import { KeyDialog } from "./key_dialog";
import { KeyWatch } from "./key_watch";
import { LinkDialog } from "./link_dialog";
import { MoreDialog } from "./more_dialog";
import { People } from "./people";
import { SafetyButton, SafetyDialog } from "./safety";
import { ShortcutsDialog } from "./shortcuts_dialog";
import { Sounds } from "./sounds";
import { Stage } from "./stage";
import { useCallActions } from "./use_call_actions";
import { useShortcuts } from "./use_shortcuts";

interface CallProps {
  keyInUse: MeetingKey | undefined;
  settings: Settings;
  onSettings: ChangeSettings;
  onKey: (key: MeetingKey) => void;
  notify: Notify;
}

export function Call({ keyInUse, settings, onSettings, onKey, notify }: CallProps) {
  const { meetingId, meetingState } = useMeeting();
  const [opened, setOpened] = useState<Opened | "link">();
  const [isPeopleOpen, setPeopleOpen] = useState(false);
  const [hasShortcuts, setShortcuts] = useState(true);
  const isNarrow = useNarrow();

  const close = () => setOpened(undefined);
  const openKey = useCallback(() => setOpened("key"), []);
  const openPeople = useCallback(() => setPeopleOpen(true), []);
  const actions = useCallActions({
    keyInUse,
    settings,
    notify,
    togglePeople: () => setPeopleOpen(!isPeopleOpen),
    onShowLink: () => setOpened("link"),
  });
  const invite = useStable(actions.copyLink);
  const { toggleMic: m, toggleCamera: v, toggleScreen: s, togglePeople: p } = actions;
  useShortcuts({ m, v, s, p, "?": () => setOpened("shortcuts") }, hasShortcuts);

  return (
    <main className="call" data-page="call" data-status={meetingState?.toLowerCase()}>
      <header className="call-head">
        <h1 ref={focusHeading} tabIndex={-1}>
          <span className="unseen">Meeting </span>
          {meetingId}
        </h1>
        <SafetyButton onOpen={() => setOpened("safety")} />
      </header>
      <ConnectionBar />
      <NoKeyBar onKey={openKey} />
      <Sounds speakerId={settings.speakerId} />
      <KeyWatch notify={notify} />
      <div className="call-body">
        <Stage onKey={openKey} onPeople={openPeople} onInvite={invite} />
        {isPeopleOpen && (
          <People isNarrow={isNarrow} onKey={openKey} onClose={() => setPeopleOpen(false)} />
        )}
      </div>
      <Controls {...{ actions, isNarrow, isPeopleOpen }} onOpen={setOpened} />
      {opened === "more" && (
        <MoreDialog actions={rareActions(actions, setOpened)} onClose={close} />
      )}
      {opened === "key" && (
        <KeyDialog hasKey={keyInUse !== undefined} onKey={onKey} onClose={close} />
      )}
      {opened === "link" && (
        <LinkDialog
          link={meetingLink(meetingId, keyInUse)}
          hasKey={keyInUse !== undefined}
          onClose={close}
        />
      )}
      {opened === "safety" && <SafetyDialog onClose={close} />}
      {opened === "devices" && <DevicesDialog {...{ settings, onSettings, notify }} onClose={close} />}
      {opened === "shortcuts" && (
        <ShortcutsDialog isOn={hasShortcuts} onChange={setShortcuts} onClose={close} />
      )}
    </main>
  );
}

/** The same function for as long as the component lives; it calls the newest. */
function useStable(action: () => void): () => void {
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  return useCallback(() => latest.current(), []);
}
