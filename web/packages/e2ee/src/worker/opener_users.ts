// Which openers receivers use. One that nobody uses stays, because it remembers what was opened, until its
// room is needed.

export class OpenerUsers<Opener> {
  #counts = new Map<Opener, number>();
  /** The longest idle one first. */
  #idle = new Set<Opener>();

  /** One more receiver uses it: of one stream there may be two for a moment, when it is set up anew. */
  add(opener: Opener): void {
    this.#idle.delete(opener);
    this.#counts.set(opener, (this.#counts.get(opener) ?? 0) + 1);
  }

  /** For each `add` once. */
  release(opener: Opener): void {
    const count = (this.#counts.get(opener) ?? 0) - 1;
    if (count > 0) this.#counts.set(opener, count);
    else if (this.#counts.delete(opener)) this.#idle.add(opener);
  }

  /** The one that gives way; undefined if all are in use. */
  takeIdle(): Opener | undefined {
    const [opener] = this.#idle;
    if (opener !== undefined) this.#idle.delete(opener);
    return opener;
  }

  clear(): void {
    this.#counts.clear();
    this.#idle.clear();
  }
}
