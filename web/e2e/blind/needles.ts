// What is searched for: secrets and pieces of frames, each in every form in which it could have been
// written down.

import { type Pattern, Searcher } from "./search.ts";

export interface Needle {
  /** What it is of: one line of a report. */
  name: string;
  bytes: Buffer;
}

export interface Report {
  /** Bytes searched. */
  size: number;
  patternCount: number;
  needleCount: number;
  /** Needles that were found in at least one place and form, by name. */
  found: Map<string, Set<number>>;
}

const BASE64_UNIT = 3;

/** Base64 of bytes that stand in the middle of others: what does not depend on the neighbours. */
function base64At(bytes: Buffer, shift: number, form: "base64" | "base64url"): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(form)
    .replaceAll("=", "");
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + bytes.length) * 8) / 6);
  return Buffer.from(text.slice(first, last));
}

/** Every form of some bytes, with its name. Equal ones come once. */
export function formsOf(bytes: Buffer): { form: string; bytes: Buffer }[] {
  const texts: [string, Buffer][] = [
    ["hex", Buffer.from(bytes.toString("hex"))],
    ["HEX", Buffer.from(bytes.toString("hex").toUpperCase())],
  ];
  for (let shift = 0; shift < BASE64_UNIT; shift++) {
    texts.push(["base64", base64At(bytes, shift, "base64")]);
    texts.push(["base64url", base64At(bytes, shift, "base64url")]);
  }
  const all: [string, Buffer][] = [
    ["raw", bytes],
    ...texts,
    ...texts.map(([form, text]): [string, Buffer] => [`${form} in UTF-16`, toUtf16(text)]),
  ];
  if (isText(bytes)) all.push(["UTF-16", toUtf16(bytes)]);
  const seen = new Set<string>();
  return all.flatMap(([form, written]) => {
    const key = written.toString("latin1");
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ form, bytes: written }];
  });
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function toUtf16(ascii: Buffer): Buffer {
  return Buffer.from(ascii.toString("latin1"), "utf16le");
}

export class Haystack {
  readonly needles: Needle[];
  #searcher: Searcher;
  #patternCount: number;

  constructor(needles: Needle[]) {
    this.needles = needles;
    const patterns = needles.flatMap(({ bytes }, needle): Pattern[] =>
      formsOf(bytes).map((each) => ({ bytes: each.bytes, needle })),
    );
    this.#patternCount = patterns.length;
    this.#searcher = new Searcher(patterns);
  }

  report(): Report {
    return {
      size: 0,
      patternCount: this.#patternCount,
      needleCount: this.needles.length,
      found: new Map(),
    };
  }

  /**
   * Adds what is in a piece to the report. Returns how much of its end must stand at the start of the
   * next piece, so that nothing is missed between the two.
   */
  search(data: Buffer, report: Report): number {
    report.size += data.length;
    this.#searcher.search(data, (pattern) => {
      const name = this.needles[pattern.needle]?.name ?? "";
      report.found.set(name, (report.found.get(name) ?? new Set()).add(pattern.needle));
    });
    return Math.min(data.length, this.#searcher.longest - 1);
  }

  searchAll(pieces: Iterable<Buffer>): Report {
    const report = this.report();
    for (const piece of pieces) this.search(piece, report);
    return report;
  }
}

/** The same search, as if only needles of these names had been looked for. */
export function partOf(haystack: Haystack, report: Report, names: string[]): Report {
  const needles = haystack.needles.filter(({ name }) => names.includes(name));
  return {
    ...report,
    needleCount: needles.length,
    patternCount: needles.reduce((sum, { bytes }) => sum + formsOf(bytes).length, 0),
    found: new Map([...report.found].filter(([name]) => names.includes(name))),
  };
}

/** How many different needles were found. */
export function foundCount(report: Report): number {
  return [...report.found.values()].reduce((sum, each) => sum + each.size, 0);
}

const WINDOW_SIZE = 24;
const WINDOWS_PER_FRAME = 3;
/** Fewer different bytes than this could stand elsewhere by chance. */
const DIFFERENT_BYTES_MIN = 16;
/** Behind what VP8 frames leave in clear, and before what packets of other frames share. */
const FRONT_SIZE = 16;

/** Pieces of frames, from all over each, that are unlike anything else. */
export function windowsOf(name: string, frames: Buffer[], limit: number): Needle[] {
  const windows = new Map<string, Buffer>();
  const step = Math.max(1, Math.floor(frames.length / limit));
  for (let i = 0; i < frames.length; i += step) {
    const frame = frames[i] ?? Buffer.alloc(0);
    const room = frame.length - WINDOW_SIZE - FRONT_SIZE;
    for (let k = 0; k < WINDOWS_PER_FRAME && room >= 0; k++) {
      const at = FRONT_SIZE + Math.floor((room * k) / (WINDOWS_PER_FRAME - 1));
      const bytes = frame.subarray(at, at + WINDOW_SIZE);
      if (new Set(bytes).size >= DIFFERENT_BYTES_MIN) windows.set(bytes.toString("latin1"), bytes);
    }
  }
  return [...windows.values()].map((bytes) => ({ name, bytes }));
}
