// The key, given in mid-call.

import { type FormEvent, type KeyboardEvent, useState } from "react";

import { KeyField } from "./key_field";
import type { MeetingKey } from "./link";

interface KeyEntryProps {
  onKey: (key: MeetingKey) => void;
  onCancel: () => void;
}

export function KeyEntry({ onKey, onCancel }: KeyEntryProps) {
  const [key, setKey] = useState<MeetingKey>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key !== undefined) onKey(key);
  };
  const cancelOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
  };
  return (
    <form
      className="key-entry"
      aria-label="Key of the meeting"
      onSubmit={submit}
      onKeyDown={cancelOnEscape}
    >
      <KeyField onKey={setKey} autoFocus />
      <button className="primary" disabled={key === undefined}>
        Use this key
      </button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
