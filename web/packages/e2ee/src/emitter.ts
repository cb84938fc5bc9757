// Events by name, typed. A listener that throws ends neither the others nor the sender.

export class Emitter<Events extends object> {
  #listeners = new Map<keyof Events, Set<(data: never) => void>>();

  /** Returns the function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (data: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  off<Name extends keyof Events>(name: Name, listener: (data: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, data: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      callSafely(() => listener(data as never));
  }
}

/** What the listener throws is reported as uncaught, after the work of now is done. */
export function callSafely(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
