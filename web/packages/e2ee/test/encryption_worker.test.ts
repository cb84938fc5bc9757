// What is said of a worker that does not start.

import { beforeEach, describe, expect, test, vi } from "vitest";

import { EncryptionWorker } from "../src/encryption_worker";
import { InProcessWorker, openPage } from "./page";

beforeEach(openPage);

/** What becomes of it where the browser says this. */
function failure(url: string | URL | undefined, message: string): string {
  const onFailure = vi.fn();
  const worker = new EncryptionWorker(url, { onMessage: () => {}, onFailure });
  InProcessWorker.last?.onerror?.({ message, preventDefault() {} });
  worker.close(new Error("over") as never);
  const [reason, words] = onFailure.mock.calls[0] as [string, string];
  expect(reason).toBe("no-worker");
  return words;
}

describe("a worker that does not run", () => {
  test.each([
    ["/e2ee/worker.js?token=secret", "https://app.example/e2ee/worker.js"],
    [new URL("https://cdn.example/w.js?token=secret#part"), "https://cdn.example/w.js"],
    ["https://user:secret@cdn.example/w.js", "https://cdn.example/w.js"],
  ])("at %s: its address is named without what may be secret, and what to do", (url, place) => {
    const words = failure(url, "Uncaught SyntaxError: Unexpected token '<'");
    const said = `The encryption worker at ${place} could not run: Uncaught SyntaxError: Unexpected `;
    expect(words.slice(0, said.length)).toBe(said);
    expect(words).toMatch(/serve @sotto\/e2ee\/worker yourself and give its address as workerUrl/);
    expect(words).not.toContain("secret");
  });

  test.each([[undefined], ["data:text/javascript,secret"], ["https://["]])("at %s: no address", (url) => {
    expect(failure(url, "")).toMatch(/^The encryption worker could not run: it failed to load\. If/);
  });
});

test("a worker that is refused is named too", () => {
  vi.stubGlobal("Worker", function refuse() {
    throw new Error("Refused.");
  });
  const create = () => new EncryptionWorker("/w.js?token=secret", {} as never);
  expect(create).toThrow(/ worker at https:\/\/app\.example\/w\.js was refused \(Refused\)\. If/);
});
