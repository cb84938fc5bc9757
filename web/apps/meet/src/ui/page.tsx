// The frame of every page but the call: the name of the app on top, and a heading that takes the keyboard.

import type { ReactNode } from "react";

import { focusHeading } from "./focus";

interface PageProps {
  name: string;
  title: ReactNode;
  children: ReactNode;
}

export function Page({ name, title, children }: PageProps) {
  return (
    <div className="page">
      <header className="brand">
        <Mark />
        <span>Sotto Meet</span>
      </header>
      <main data-page={name}>
        <h1 ref={focusHeading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </main>
    </div>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 19v-5M12 22.5v-12M16 19.5v-7M20 21.5v-9M24 17.5v-3" />
    </svg>
  );
}
