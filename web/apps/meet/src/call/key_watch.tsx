// Says once of everybody who uses another key that they do, also of those without a tile.

import { useMeeting, useParticipant } from "@sotto/react-sdk";
import { memo, useEffect } from "react";

import type { Notify } from "../ui/notices";
import { usesAnotherKey } from "./encryption_words";

export const KeyWatch = memo(function KeyWatch({ notify }: { notify: Notify }) {
  const { participants, safetyCode } = useMeeting();
  // Without a key here everybody's is another one; a bar says so.
  if (safetyCode === null) return null;
  return [...participants.keys()].map((id) => <Watch key={id} id={id} notify={notify} />);
});

function Watch({ id, notify }: { id: string; notify: Notify }) {
  const { displayName, e2eeStates } = useParticipant(id);
  const isAnother = usesAnotherKey(e2eeStates.audio) || usesAnotherKey(e2eeStates.video);
  useEffect(() => {
    if (isAnother) notify(`${displayName} uses another key.`);
  }, [isAnother, displayName, notify]);
  return null;
}
