// An object whose reader renders again only when a field that it read has changed. It may be read at any
// time, taken apart and spread; a read outside of rendering gives what is so now.

import { useMemo, useSyncExternalStore } from "react";

/** Where fields come from: each a function of the state of now. */
export interface Source<Fields extends object> {
  subscribe: (onChange: () => void) => () => void;
  readers: { readonly [Name in keyof Fields]-?: () => Fields[Name] };
}

export function useTracked<Fields extends object>(source: Source<Fields>): Fields {
  const reader = useMemo(() => new Reader(source), [source]);
  const version = useSyncExternalStore(source.subscribe, reader.version, reader.version);
  // Another object for every rendering that is due, or what keeps an older one would miss it.
  return useMemo(() => reader.createView(version), [reader, version]);
}

export class Reader<Fields extends object> {
  #readers: Record<string, () => unknown>;
  /** What was read, and what it was. */
  #seen = new Map<string, unknown>();
  #version = 0;

  constructor(source: Source<Fields>) {
    this.#readers = source.readers as Record<string, () => unknown>;
  }

  /** Grows when something that was read is not the same any more. */
  readonly version = (): number => {
    let hasChanged = false;
    for (const [name, before] of this.#seen) {
      const now = this.#readers[name]?.();
      if (Object.is(now, before)) continue;
      this.#seen.set(name, now);
      hasChanged = true;
    }
    if (hasChanged) this.#version++;
    return this.#version;
  };

  createView(_version: number): Fields {
    return new Proxy({} as Fields, {
      get: (_, name) => this.#read(name),
      has: (_, name) => this.#isField(name),
      ownKeys: () => Object.keys(this.#readers),
      getOwnPropertyDescriptor: (_, name) =>
        this.#isField(name)
          ? { value: this.#read(name), enumerable: true, configurable: true, writable: false }
          : undefined,
      set: () => false,
    });
  }

  #isField(name: string | symbol): name is string {
    return typeof name === "string" && Object.hasOwn(this.#readers, name);
  }

  #read(name: string | symbol): unknown {
    if (!this.#isField(name)) return undefined;
    const value = this.#readers[name]?.();
    this.#seen.set(name, value);
    return value;
  }
}
