import { expect, test, vi } from "vitest";

import { Requests } from "../src/requests";
import { E2EEError } from "../src/states";

test("each request gets its own answer, in whatever order they come", async () => {
  const post = vi.fn();
  const requests = new Requests(post);
  const count = requests.ask({ type: "count" });
  const list = requests.ask({ type: "list-keys" });
  const [first, second] = post.mock.calls.map(([message]) => message.number as number);
  requests.answer(second ?? 0, []);
  requests.answer(second ?? 0, []); // one answer is enough
  requests.answer(99, []);
  requests.refuse(first ?? 0, new E2EEError("missing-key", "no"));
  await expect(list).resolves.toEqual([]);
  await expect(count).rejects.toMatchObject({ reason: "missing-key" });
});

test("it is known whose key is on its way", async () => {
  const post = vi.fn();
  const requests = new Requests(post);
  const key = new Uint8Array(16);
  const setting = requests.ask({ type: "set-key", owner: "alice", form: "raw", key }, [key.buffer]);
  expect(post.mock.calls[0]?.[1]).toEqual([key.buffer]);
  expect([requests.isSettingKey("alice", 0), requests.isSettingKey(undefined, 0)]).toEqual([true, false]);
  requests.answer(post.mock.calls[0]?.[0].number, { kid: 1, safetyCode: "" });
  await setting;
  expect(requests.isSettingKey("alice", 0)).toBe(false);
});

test("keys on their way to another place of a ring are not of this one", () => {
  const requests = new Requests(vi.fn());
  const request = { type: "set-key", form: "raw", key: new Uint8Array(16), keyIndex: 3 } as const;
  requests.ask(request).catch(() => {});
  expect([requests.isSettingKey(undefined, 3), requests.isSettingKey(undefined, 0)]).toEqual([true, false]);
});

test("all are refused once nothing works any more", async () => {
  const requests = new Requests(vi.fn());
  const asked = [requests.ask({ type: "count" }), requests.ask({ type: "ratchet-key" })];
  requests.rejectAll(new E2EEError("left", "The meeting was left."));
  for (const each of asked) await expect(each).rejects.toMatchObject({ reason: "left" });
});
