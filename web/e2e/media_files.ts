// Camera and microphone of the tests: generated files whose content says who it is and what time it
// is, so that a picture at the receiver proves more than that some picture arrived.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";

export const WIDTH = 640;
export const HEIGHT = 360;
export const FRAME_RATE = 20;
/** The time counts to this many frames and begins anew. */
export const FRAME_COUNT = 64;

/** Colours of the person's mark, in RGB. */
export const MARKS = { alice: [200, 40, 40], bob: [40, 40, 200] } as const;
export type Person = keyof typeof MARKS;
/** Frequencies of the tones, in Hz. */
export const TONES: Record<Person, number> = { alice: 440, bob: 1000 };

/** The time in base 4: a bar for each digit, most significant first, as bright as its digit. */
const DIGIT_COUNT = 3;
export const DIGIT_LEVELS = [30, 95, 160, 225];

/** Where the receiver looks: the centre of the mark and of each digit, as shares of width and height. */
export const MARK_AT = { x: 0.5, y: 0.2 };
export const DIGITS_AT = Array.from({ length: DIGIT_COUNT }, (_, i) => ({
  x: (i + 0.5) / DIGIT_COUNT,
  y: 0.7,
}));

/** The frame number that brightnesses (0 to 255) at DIGITS_AT show. */
export function readTime(levels: number[]): number {
  return levels.reduce((time, level) => {
    const distances = DIGIT_LEVELS.map((known) => Math.abs(known - level));
    return time * DIGIT_LEVELS.length + distances.indexOf(Math.min(...distances));
  }, 0);
}

function toYuv([red, green, blue]: readonly [number, number, number]): [number, number, number] {
  return [
    Math.round(16 + (65.5 * red + 128.6 * green + 25 * blue) / 255),
    Math.round(128 + (-37.8 * red - 74.2 * green + 112 * blue) / 255),
    Math.round(128 + (112 * red - 93.8 * green - 18.2 * blue) / 255),
  ];
}

function drawFrame(person: Person, time: number): Uint8Array {
  const luma = WIDTH * HEIGHT;
  const chroma = luma / 4;
  const frame = new Uint8Array(luma + 2 * chroma);
  const [markY, markU, markV] = toYuv(MARKS[person]);
  for (let y = 0; y < HEIGHT; y++) {
    const isMark = y < HEIGHT * 0.4;
    for (let x = 0; x < WIDTH; x++) {
      const place = Math.floor((x / WIDTH) * DIGIT_COUNT);
      const digit =
        Math.floor(time / DIGIT_LEVELS.length ** (DIGIT_COUNT - 1 - place)) % DIGIT_LEVELS.length;
      const level = DIGIT_LEVELS[digit] ?? 0;
      frame[y * WIDTH + x] = isMark ? markY : toYuv([level, level, level])[0];
      if (x % 2 === 0 && y % 2 === 0) {
        const at = (y / 2) * (WIDTH / 2) + x / 2;
        frame[luma + at] = isMark ? markU : 128;
        frame[luma + chroma + at] = isMark ? markV : 128;
      }
    }
  }
  return frame;
}

/** YUV4MPEG2, which Chromium plays in a loop as its camera. */
export function writeVideo(path: string, person: Person): void {
  const file = openSync(path, "w");
  writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAME_RATE}:1 Ip A1:1 C420jpeg\n`);
  for (let time = 0; time < FRAME_COUNT; time++) {
    writeSync(file, "FRAME\n");
    writeSync(file, drawFrame(person, time));
  }
  closeSync(file);
}

/** A tone of whole periods in WAV, which Chromium plays in a loop as its microphone. */
export function writeAudio(path: string, person: Person): void {
  const rate = 48_000;
  const seconds = 2;
  const samples = new Int16Array(rate * seconds);
  for (let i = 0; i < samples.length; i++)
    samples[i] = Math.round(12_000 * Math.sin((2 * Math.PI * TONES[person] * i) / rate));
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(path, Buffer.concat([header, Buffer.from(samples.buffer)]));
}
