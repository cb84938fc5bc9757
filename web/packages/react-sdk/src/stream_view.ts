// A stream as VideoSDK shows it: one object for one track.

import { isOn, type Stream as State, type StreamKind } from "@sotto/js-sdk";

export interface Stream {
  readonly id: string;
  readonly kind: StreamKind;
  readonly track: MediaStreamTrack;
}

const views = new WeakMap<MediaStreamTrack, Stream>();

/** The same object as long as it is the same track; null while it cannot be seen or heard. */
export function viewOf(stream: State | undefined): Stream | null {
  if (!isOn(stream)) return null;
  const { track, kind } = stream;
  const known = views.get(track);
  if (known?.kind === kind) return known;
  const view: Stream = Object.freeze({ id: track.id, kind, track });
  views.set(track, view);
  return view;
}
