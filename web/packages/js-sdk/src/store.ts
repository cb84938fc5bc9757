// A small store: one immutable state, replaced as a whole; listeners hear of every replacement.

import { callSafely } from "@sotto/e2ee";

export interface Store<State> {
  getState(): State;
  /** Takes the fields that change, or a function from the state to them. */
  setState(change: Partial<State> | ((state: State) => Partial<State>)): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    getState: () => state,
    setState(change) {
      const fields = typeof change === "function" ? change(state) : change;
      const names = Object.keys(fields) as (keyof State)[];
      if (names.every((name) => Object.is(fields[name], state[name]))) return;
      state = { ...state, ...fields };
      for (const listener of [...listeners]) callSafely(listener);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
