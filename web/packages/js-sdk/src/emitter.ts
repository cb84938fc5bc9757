// Events by name, typed.

export class Emitter<Events extends object> {
  #listeners = new Map<keyof Events, Set<(data: never) => void>>();

  /** Returns the function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (data: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, data: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(data as never);
  }
}
