/** So many times for each name in each span of time. */
export class RateLimit {
  #max;
  #spanMs;
  #now;
  #counts = new Map();
  #ends = 0;

  constructor(max, spanMs, now = Date.now) {
    this.#max = max;
    this.#spanMs = spanMs;
    this.#now = now;
  }

  /** Whether once more is allowed. */
  take(name) {
    const now = this.#now();
    if (now >= this.#ends) {
      this.#counts.clear();
      this.#ends = now + this.#spanMs;
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count <= this.#max;
  }
}
