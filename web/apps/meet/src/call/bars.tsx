// What has to be known now, above the tiles.

import { useMeeting } from "@sotto/react-sdk";

import { Icon } from "../ui/icons";

/** Always there, so that its words are read out when they come. */
export function ConnectionBar() {
  const { meetingState } = useMeeting();
  const isAway = meetingState === "RECONNECTING";
  return (
    <div role="status" className="reconnecting">
      {isAway && (
        <div className="bar" data-tone="warn">
          <span className="spinner" aria-hidden="true" />
          <p>
            <strong>Reconnecting…</strong> Stay here: the call goes on by itself.
          </p>
        </div>
      )}
    </div>
  );
}

export function NoKeyBar({ onKey }: { onKey: () => void }) {
  const { safetyCode, meetingState } = useMeeting();
  if (safetyCode !== null || meetingState !== "CONNECTED") return null;
  return (
    <div className="bar" data-tone="bad">
      <Icon name="key" />
      <p>
        <strong>You have no key yet.</strong> Nobody sees or hears you, nor you them.
      </p>
      <button onClick={onKey}>Enter the key</button>
    </div>
  );
}
