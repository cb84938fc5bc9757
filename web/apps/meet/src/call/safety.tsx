// The safety code: on top of the call, and explained.

import { useMeeting } from "@sotto/react-sdk";
import { useRef, useState } from "react";

import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";

export function SafetyButton({ onOpen }: { onOpen: () => void }) {
  const { safetyCode } = useMeeting();
  if (safetyCode === null) return null;
  return (
    <button className="safety" onClick={onOpen}>
      <Icon name="lock" />
      <span className="safety-label">Safety code </span>
      <span className="code" data-safety-code>
        {safetyCode}
      </span>
    </button>
  );
}

export function SafetyDialog({ onClose }: { onClose: () => void }) {
  const { safetyCode } = useMeeting();
  const [said, setSaid] = useState("");
  const code = useRef<HTMLParagraphElement>(null);
  const copy = () => {
    navigator.clipboard.writeText(safetyCode ?? "").then(
      () => setSaid("Copied."),
      () => {
        if (code.current) getSelection()?.selectAllChildren(code.current);
        setSaid("The browser did not allow copying: the code is selected.");
      },
    );
  };
  return (
    <Dialog title="Safety code" onClose={onClose}>
      {safetyCode === null ? (
        <p>There is no key here yet, so there is no code.</p>
      ) : (
        <>
          <p className="code large-code" ref={code}>
            {safetyCode}
          </p>
          <p>
            Read it to the others, or compare it on another channel you trust.{" "}
            <strong>The same code means the same key</strong>: whoever lacks it cannot see or hear the
            call, the server included.
          </p>
          <p className="quiet">
            Is somebody’s code another one? Then they use another key, and your pictures and sounds
            do not reach each other.
          </p>
          <div className="actions">
            <p role="status">{said}</p>
            <button className="primary" onClick={copy}>
              Copy the code
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
