// The key, given in mid-call.

import { type FormEvent, useState } from "react";

import type { MeetingKey } from "../link";
import { Dialog } from "../ui/dialog";
import { KeyField } from "../ui/key_field";

interface KeyDialogProps {
  hasKey: boolean;
  onKey: (key: MeetingKey) => void;
  onClose: () => void;
}

export function KeyDialog({ hasKey, onKey, onClose }: KeyDialogProps) {
  const [key, setKey] = useState<MeetingKey>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key === undefined) return;
    onKey(key);
    onClose();
  };
  return (
    <Dialog title="Key of the meeting" onClose={onClose}>
      <p className="quiet">
        {hasKey
          ? "You are using a key already. Another one takes its place within two seconds."
          : "You have no key yet."}{" "}
        Only those who use the same key see and hear each other.
      </p>
      <form className="key-entry" onSubmit={submit}>
        <KeyField onKey={setKey} isFirst>
          <small>It stays on this device. The server never learns it.</small>
        </KeyField>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button className="primary" disabled={key === undefined}>
            Use this key
          </button>
        </div>
      </form>
    </Dialog>
  );
}
