// What this browser remembers between visits: the name and the devices. Never a key.

import { useCallback, useState } from "react";

export interface Settings {
  name: string;
  /** Ids of devices; empty is the browser's own choice. */
  cameraId: string;
  microphoneId: string;
  speakerId: string;
}

export type ChangeSettings = (change: Partial<Settings>) => void;

const PLACE = "sotto-meet";
const EMPTY: Settings = { name: "", cameraId: "", microphoneId: "", speakerId: "" };

/** Only texts of the names above are taken from what is stored. */
export function parseSettings(text: string | null): Settings {
  const settings = { ...EMPTY };
  try {
    const stored = JSON.parse(text ?? "{}") as Record<string, unknown> | null;
    for (const name of Object.keys(EMPTY) as (keyof Settings)[]) {
      const value = stored?.[name];
      if (typeof value === "string") settings[name] = value;
    }
  } catch {
    // Somebody else's text stands there.
  }
  return settings;
}

export function useSettings(): [Settings, ChangeSettings] {
  const [settings, setSettings] = useState(() => parseSettings(read()));
  const change = useCallback<ChangeSettings>((part) => {
    setSettings((before) => {
      const after = { ...before, ...part };
      write(JSON.stringify(after));
      return after;
    });
  }, []);
  return [settings, change];
}

/** Browsers that keep nothing throw. */
function read(): string | null {
  try {
    return localStorage.getItem(PLACE);
  } catch {
    return null;
  }
}

function write(text: string): void {
  try {
    localStorage.setItem(PLACE, text);
  } catch {
    // Then it is for this visit alone.
  }
}
