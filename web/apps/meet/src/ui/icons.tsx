// The app's own drawings. Always beside a text, so screen readers pass them over.

import type { ReactNode } from "react";

const DRAWINGS = {
  mic: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  micOff: (
    <>
      <path d="M15 9.5V6a3 3 0 0 0-5.6-1.5M9 9v2a3 3 0 0 0 4.6 2.5" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.4 6.4 0 0 1-.5 2.5M12 18v3M4 4l16 16" />
    </>
  ),
  camera: (
    <>
      <rect x="3" y="6.5" width="12.5" height="11" rx="2.5" />
      <path d="m15.5 10.8 5.5-3v8.4l-5.5-3" />
    </>
  ),
  cameraOff: (
    <>
      <path d="M10.5 6.5H13a2.5 2.5 0 0 1 2.5 2.5v2.3l5.5-3.5v8.4l-2.5-1.4" />
      <path d="M15.3 16.2a2.5 2.5 0 0 1-2.3 1.3H5.5A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2.2-2.5M4 4l16 16" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12" rx="2" />
      <path d="M9 20h6M12 13.5v-6M9.3 10l2.7-2.7 2.7 2.7" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.5 19.5c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5" />
      <path d="M15.5 5.2a3.5 3.5 0 0 1 0 6.6M18 14.5c2 .8 3.2 2.5 3.5 5" />
    </>
  ),
  link: (
    <>
      <path d="M10 14.5a4 4 0 0 0 5.7 0l3.3-3.3a4 4 0 0 0-5.7-5.7l-1.3 1.3" />
      <path d="M14 9.5a4 4 0 0 0-5.7 0L5 12.8a4 4 0 0 0 5.7 5.7l1.3-1.3" />
    </>
  ),
  key: (
    <>
      <circle cx="8" cy="15.5" r="4.5" />
      <path d="m11.3 12.3 8.2-8.3M16 7.5l3 3" />
    </>
  ),
  settings: (
    <>
      <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
      <circle cx="16" cy="7" r="2.8" />
      <circle cx="8" cy="17" r="2.8" />
    </>
  ),
  keyboard: (
    <>
      <rect x="2.5" y="6" width="19" height="12" rx="2" />
      <path d="M6.5 10h.01M10.2 10h.01M13.8 10h.01M17.5 10h.01M8 14h8" />
    </>
  ),
  leave: (
    <path
      d={
        "M3 14.6v-1.2C5.3 11 8.5 9.8 12 9.8s6.7 1.2 9 3.6v1.2c0 .8-.7 1.4-1.5 1.2l-2.7-.6c-.6-.1-1-.6" +
        "-1-1.2v-1.5a13 13 0 0 0-7.6 0V14c0 .6-.4 1.1-1 1.2l-2.7.6c-.8.2-1.5-.4-1.5-1.2Z"
      }
    />
  ),
  lock: (
    <>
      <rect x="5" y="10.5" width="14" height="9.5" rx="2.5" />
      <path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" />
    </>
  ),
  warning: (
    <>
      <path d="M12 4 2.8 19.5h18.4Z" strokeLinejoin="round" />
      <path d="M12 10v4.5M12 17v.01" />
    </>
  ),
  more: <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="3" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  sound: (
    <>
      <path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4Z" strokeLinejoin="round" />
      <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
    </>
  ),
  plus: <path d="M12 5v14M5 12h14" />,
  server: (
    <>
      <rect x="4" y="4.5" width="16" height="6" rx="1.5" />
      <rect x="4" y="13.5" width="16" height="6" rx="1.5" />
      <path d="M7.5 7.5h.01M7.5 16.5h.01" strokeWidth="2.4" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWINGS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {DRAWINGS[name]}
    </svg>
  );
}
