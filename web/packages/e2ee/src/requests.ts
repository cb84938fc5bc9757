// What the page has asked the worker and still waits for.

import type { Answers, Request, ToWorker } from "./messages";
import { E2EEError } from "./states";

interface Pending {
  request: Request;
  resolve: (answer: never) => void;
  reject: (error: E2EEError) => void;
}

export class Requests {
  #post: (message: ToWorker, transfer: Transferable[]) => void;
  #pending = new Map<number, Pending>();
  #nextNumber = 1;

  constructor(post: (message: ToWorker, transfer: Transferable[]) => void) {
    this.#post = post;
  }

  /** Rejects with an E2EEError if it is refused, or once nothing works any more. */
  ask<Asked extends Request>(
    request: Asked,
    transfer: Transferable[] = [],
  ): Promise<Answers[Asked["type"]]> {
    const number = this.#nextNumber++;
    const promise = new Promise<Answers[Asked["type"]]>((resolve, reject) =>
      this.#pending.set(number, { request, resolve, reject }),
    );
    this.#post({ type: "request", number, request }, transfer);
    return promise;
  }

  /** Whether an owner's key is on its way to the worker: where keys have an index, one of this index. */
  isSettingKey(owner: string | undefined, index: number): boolean {
    return [...this.#pending.values()].some(
      ({ request }) =>
        request.type === "set-key" &&
        request.owner === owner &&
        (request.keyIndex ?? index) === index,
    );
  }

  answer(number: number, answer: Answers[keyof Answers]): void {
    this.#take(number)?.resolve(answer as never);
  }

  refuse(number: number, error: E2EEError): void {
    this.#take(number)?.reject(error);
  }

  rejectAll(error: E2EEError): void {
    for (const number of [...this.#pending.keys()]) this.refuse(number, error);
  }

  #take(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    return pending;
  }
}
