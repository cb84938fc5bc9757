// What the compiler says of the store, events and errors: `npm run typecheck` looks at it.

import { expectTypeOf, test } from "vitest";

import {
  createStore,
  type E2EEEvent,
  type E2EEState,
  type ExternalE2EEKeyProvider,
  type LeaveReason,
  type Meeting,
  type MeetingError,
  type MeetingEvents,
  type MeetingOptions,
  type MeetingState,
  type Participant,
  type Policy,
  type Store,
  type Stream,
  type StreamKind,
} from "../src/index";

test("a store takes a part of its state, and nothing else", () => {
  const store = createStore({ count: 0, name: "a" });
  expectTypeOf(store).toEqualTypeOf<Store<{ count: number; name: string }>>();
  expectTypeOf(store.getState()).toEqualTypeOf<{ count: number; name: string }>();
  expectTypeOf(store.subscribe(() => {})).toEqualTypeOf<() => void>();
  store.setState({ count: 1 });
  store.setState(({ count }) => ({ count: count + 1 }));
  // @ts-expect-error a count is a number
  store.setState({ count: "1" });
  // @ts-expect-error there is no such field
  store.setState({ total: 1 });
});

test("events carry what their names promise", () => {
  expectTypeOf<MeetingEvents["meeting-left"]>().toEqualTypeOf<LeaveReason>();
  expectTypeOf<MeetingEvents["participant-joined"]>().toEqualTypeOf<Participant>();
  expectTypeOf<MeetingEvents["participant-left"]>().toExtend<LeaveReason>();
  expectTypeOf<MeetingEvents["speaker-changed"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<MeetingEvents["e2ee-state-change"]>().toEqualTypeOf<E2EEEvent>();
  expectTypeOf<MeetingEvents["stream-enabled"]["stream"]["track"]>().toEqualTypeOf<MediaStreamTrack>();
  expectTypeOf<MeetingEvents["stream-disabled"]["stream"]>().toEqualTypeOf<Stream>();
  expectTypeOf<E2EEEvent["kind"]>().toEqualTypeOf<StreamKind>();
  expectTypeOf<E2EEEvent["state"]>().toEqualTypeOf<E2EEState>();
});

test("a meeting's events are heard by name", () => {
  expectTypeOf<Meeting["store"]>().toEqualTypeOf<Store<MeetingState>>();
  const listen = (meeting: Meeting) => {
    meeting.events.on("error", (error) => expectTypeOf(error).toEqualTypeOf<Error>());
    // @ts-expect-error there is no such event
    meeting.events.on("errors", () => {});
    // @ts-expect-error a participant is no text
    meeting.events.on("participant-joined", (participant: string) => participant);
  };
  expectTypeOf(listen).returns.toEqualTypeOf<void>();
});

test("options need a room, a token and a name", () => {
  const options = { roomId: "r", token: "t", displayName: "n" };
  expectTypeOf(options).toExtend<MeetingOptions>();
  expectTypeOf<{ roomId: string; token: string }>().not.toExtend<MeetingOptions>();
  expectTypeOf<() => Promise<string>>().toExtend<MeetingOptions["token"]>();
  expectTypeOf<MeetingError["code"]>().toEqualTypeOf<number>();
});

test("a key is a text or bytes", () => {
  type Key = Parameters<ExternalE2EEKeyProvider["setSharedKey"]>[0];
  expectTypeOf<string>().toExtend<Key>();
  expectTypeOf<ArrayBuffer>().toExtend<Key>();
  expectTypeOf<Uint8Array>().toExtend<Key>();
  expectTypeOf<Uint16Array>().toExtend<Key>();
  expectTypeOf<number>().not.toExtend<Key>();
  expectTypeOf<CryptoKey>().not.toExtend<Key>();
  expectTypeOf<ReturnType<ExternalE2EEKeyProvider["setSharedKey"]>>().toEqualTypeOf<Promise<void>>();
  expectTypeOf<Policy>().toEqualTypeOf<"required" | "preferred">();
});
