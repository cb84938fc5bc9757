// Where people type or paste the key.

import { type MeetingKey, parseKeyOrLink } from "../link";

interface KeyFieldProps {
  onKey: (key: MeetingKey | undefined) => void;
  /** Of a dialog: has the keyboard first. */
  isFirst?: boolean;
  children?: React.ReactNode;
}

/**
 * React keeps its hands off the value: it would write it into the page as an attribute. Spelling is not
 * checked: browsers may ask a server about it.
 */
export function KeyField({ onKey, isFirst = false, children }: KeyFieldProps) {
  return (
    <label>
      Key of the meeting
      <input
        name="key"
        data-first={isFirst || undefined}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="The whole link, or the key"
        onInput={(event) => onKey(parseKeyOrLink(event.currentTarget.value))}
      />
      {children}
    </label>
  );
}
