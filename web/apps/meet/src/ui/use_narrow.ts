// Whether there is only room for one thing beside the other.

import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 52rem)";

export function useNarrow(): boolean {
  return useSyncExternalStore(watch, () => matchMedia(NARROW).matches);
}

function watch(onChange: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}
