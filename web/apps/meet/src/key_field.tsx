// Where people type or paste the key.

import { type MeetingKey, parseKeyOrLink } from "./link";

interface KeyFieldProps {
  onKey: (key: MeetingKey | undefined) => void;
  autoFocus?: boolean;
  children?: React.ReactNode;
}

/**
 * React keeps its hands off the value: it would write it into the page as an attribute. Spelling is not
 * checked: browsers may ask a server about it.
 */
export function KeyField({ onKey, autoFocus = false, children }: KeyFieldProps) {
  return (
    <label>
      Key of the meeting
      <input
        name="key"
        autoFocus={autoFocus}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="paste the whole link, or type the key"
        onInput={(event) => onKey(parseKeyOrLink(event.currentTarget.value))}
      />
      {children}
    </label>
  );
}
