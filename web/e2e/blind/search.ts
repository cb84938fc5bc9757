// Looks for many patterns at once in anything from a line of log to a core dump.

/** What one pattern stands for. */
export interface Pattern {
  bytes: Buffer;
  /** Which needle it is a form of, as a number of the caller's. */
  needle: number;
}

const PREFIX_SIZE = 8;
const FILTER_BITS = 22;
const HEAD_BITS = 18;
const NONE = -1;

/**
 * Where eight bytes of a pattern stand that lead to it: the first ones, or where those are zeros, of which
 * memory is full, the first that are not.
 */
function placeOfPrefix(bytes: Buffer): number {
  if (bytes.length < PREFIX_SIZE) throw new Error("a pattern is too short");
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === NONE) throw new Error("a pattern is nothing but zeros");
  return first < PREFIX_SIZE ? 0 : Math.min(first, bytes.length - PREFIX_SIZE);
}

/** Eight bytes of each pattern lead to it, over a filter of bits that stays in the cache. */
export class Searcher {
  readonly longest: number;
  #patterns: (Pattern & { prefix: number })[] = [];
  #filter = new Uint8Array(1 << (FILTER_BITS - 3));
  #heads = new Int32Array(1 << HEAD_BITS).fill(NONE);
  #next: Int32Array;

  constructor(patterns: Pattern[]) {
    this.#next = new Int32Array(patterns.length).fill(NONE);
    this.longest = Math.max(PREFIX_SIZE, ...patterns.map(({ bytes }) => bytes.length));
    patterns.forEach((pattern, i) => {
      const { bytes } = pattern;
      const prefix = placeOfPrefix(bytes);
      const hash = hashOf(bytes.readInt32LE(prefix), bytes.readInt32LE(prefix + 4));
      const bit = hash >>> (32 - FILTER_BITS);
      this.#filter[bit >>> 3]! |= 1 << (bit & 7);
      const head = hash >>> (32 - HEAD_BITS);
      this.#next[i] = this.#heads[head] ?? NONE;
      this.#heads[head] = i;
      this.#patterns.push({ ...pattern, prefix });
    });
  }

  /** Calls `found` for every place of every pattern. */
  search(data: Buffer, found: (pattern: Pattern, at: number) => void): void {
    const filter = this.#filter;
    if (data.length < PREFIX_SIZE) return;
    let low = data.readInt32LE(0);
    let high = data.readInt32LE(4);
    const last = data.length - PREFIX_SIZE;
    for (let at = 0; ;) {
      if ((low | high) !== 0) {
        const hash = hashOf(low, high);
        const bit = hash >>> (32 - FILTER_BITS);
        if (filter[bit >>> 3]! & (1 << (bit & 7))) this.#compare(data, at, hash, found);
      }
      if (++at > last) return;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) | (data[at + 7]! << 24);
    }
  }

  #compare(
    data: Buffer,
    at: number,
    hash: number,
    found: (pattern: Pattern, at: number) => void,
  ): void {
    for (let i = this.#heads[hash >>> (32 - HEAD_BITS)]!; i !== NONE; i = this.#next[i]!) {
      const pattern = this.#patterns[i]!;
      const start = at - pattern.prefix;
      const end = start + pattern.bytes.length;
      if (start < 0 || end > data.length) continue;
      if (data.compare(pattern.bytes, 0, undefined, start, end) === 0) found(pattern, start);
    }
  }
}

function hashOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0;
}
