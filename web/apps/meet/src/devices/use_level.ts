// How loud a microphone is, many times a second and without rendering.

import { useEffect, useRef } from "react";

const INTERVAL_MS = 60;
const QUIETEST_DB = -60;
const LOUDEST_DB = -12;

/** Calls back with 0 (quiet) to 1 (loud); with 0 once when there is no track any more. */
export function useLevel(
  track: MediaStreamTrack | undefined,
  onLevel: (level: number) => void,
): void {
  const latest = useRef(onLevel);
  useEffect(() => {
    latest.current = onLevel;
  });
  useEffect(() => {
    if (!track) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    const source = context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      latest.current(levelOf(samples));
    }, INTERVAL_MS);
    // Browsers start no sound before the user has touched the page.
    const wake = () => void context.resume().catch(() => {});
    for (const gesture of GESTURES) addEventListener(gesture, wake);
    return () => {
      for (const gesture of GESTURES) removeEventListener(gesture, wake);
      clearInterval(timer);
      void context.close().catch(() => {});
      latest.current(0);
    };
  }, [track]);
}

const GESTURES = ["pointerdown", "keydown"] as const;

export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const db = 10 * Math.log10(power);
  return Math.min(1, Math.max(0, (db - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}
