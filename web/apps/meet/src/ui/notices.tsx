// Short messages that go away by themselves, and are read out.

import { useCallback, useEffect, useState } from "react";

const SHOWN_MS = 6000;
const SHOWN_MAX = 3;

interface Notice {
  id: number;
  text: string;
}

export type Notify = (text: string) => void;

export function useNotices(): [Notice[], Notify] {
  const [notices, setNotices] = useState<Notice[]>([]);
  const notify = useCallback<Notify>((text) => {
    setNotices((before) => {
      const others = before.filter((notice) => notice.text !== text);
      const id = (before.at(-1)?.id ?? 0) + 1;
      return [...others, { id, text }].slice(-SHOWN_MAX);
    });
  }, []);
  const oldest = notices[0]?.id;
  useEffect(() => {
    if (oldest === undefined) return;
    const timer = setTimeout(() => setNotices((before) => before.slice(1)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [oldest]);
  return [notices, notify];
}

/** Always there, also while it is empty: screen readers watch it. */
export function Notices({ notices }: { notices: Notice[] }) {
  return (
    <div className="notices" role="status">
      {notices.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
