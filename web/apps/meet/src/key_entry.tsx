import { type FormEvent, useState } from "react";

import { type MeetingKey, parseKeyOrLink } from "./link";

interface KeyEntryProps {
  onKey: (key: MeetingKey) => void;
  onCancel: () => void;
}

export function KeyEntry({ onKey, onCancel }: KeyEntryProps) {
  const [text, setText] = useState("");
  const key = parseKeyOrLink(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key !== undefined) onKey(key);
  };
  return (
    <form className="key-entry" onSubmit={submit} aria-label="Key of the meeting">
      <label>
        Key of the meeting
        <input
          name="key"
          value={text}
          autoFocus
          autoComplete="off"
          placeholder="paste the whole link, or type the key"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button className="primary" disabled={key === undefined}>
        Use this key
      </button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
