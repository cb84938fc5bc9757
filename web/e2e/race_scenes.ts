// What happens in a page to senders, receivers and workers. Each function stands alone: it is sent there as
// text, and finds `races` (races.ts) in its place.

import type { StreamKind } from "@sotto/e2ee";

import type { Line, Link, Member } from "./races.ts";

/** One sender for another track, for none, for another kind; its m-line for somebody else. */
export async function useAgain() {
  const { createLine, createMember, createPicture, shows, sleep, until } = races;
  const [alice, bob] = [await createMember("alice"), await createMember("bob")];
  const carol = await createMember("carol");
  const line = createLine();
  const link = await line.connect(alice, createPicture("red"), carol.take);
  const { sender, receiver, transceiver } = link;
  const took: number[] = [await shows(link, "red")];
  await sender.replaceTrack(createPicture("green"));
  took.push(await shows(link, "green"));
  await sender.replaceTrack(null);
  await sleep(300);
  await sender.replaceTrack(createPicture("red"));
  took.push(await shows(link, "red"));

  const { streamId, release } = alice.encryption.protectSender(sender, "share");
  carol.take(receiver, { participantId: "alice", kind: "share", streamId });
  await sender.replaceTrack(createPicture("blue"));
  link.outgoing.release(); // Of the stream before: it must not end this one.
  took.push(await shows(link, "blue"));

  transceiver.stop();
  await line.negotiate();
  release();
  const next = await line.connect(bob, createPicture("green"), carol.take);
  took.push(await shows(next, "green"));
  const media = line.sending.localDescription?.sdp.match(/^m=/gm)?.length;
  const own = [await alice.counts(), await bob.counts()];
  await until(() => carol.states.includes("bob video DecryptionSuccess"), () => carol.states);
  const states = [...carol.states];
  return { took, media, own, opened: await carol.counts(), states };
}

/** As where a server gives a receiver somebody else's stream, told before or after. */
export async function changeHands() {
  const { createLine, createMember, createPicture, handOver, shows, sleep } = races;
  const carol = await createMember("carol");
  const sides = [
    { who: await createMember("alice"), colour: "red", track: createPicture("red") },
    { who: await createMember("bob"), colour: "blue", track: createPicture("blue") },
  ] as const;
  const link = await createLine().connect(sides[0].who, sides[0].track, carol.take);
  const { sender, receiver, shown } = link;
  await shows(link, "red");
  const took: number[] = [];
  let [wrong, outgoing] = [0, link.outgoing];
  for (let i = 0; i < 4; i++) {
    const [from, to] = i % 2 ? [sides[1], sides[0]] : sides;
    let count = shown.length;
    outgoing = await handOver(sender, outgoing, to.who, to.track);
    const { streamId } = outgoing;
    await sleep(50 * i); // What comes meanwhile is not of whom she was told.
    wrong += shown.slice(count).filter(({ colour }) => colour !== from.colour).length;
    carol.take(receiver, { participantId: to.who.id, kind: "video", streamId });
    took.push(await shows(link, to.colour));
    count = shown.length;
    await sleep(100);
    wrong += shown.slice(count).filter(({ colour }) => colour !== to.colour).length;
  }
  return { took, wrong, opened: await carol.counts() };
}

/** Protected and given up again and again, with other keys meanwhile. */
export async function hurry() {
  const { createLine, createMember, createPicture, shows, sleep } = races;
  const [alice, carol] = [await createMember("alice"), await createMember("carol")];
  const line = createLine();
  const link = await line.connect(alice, createPicture("red"), carol.take);
  const { sender, receiver } = link;
  await shows(link, "red");
  const [start, keys] = [performance.now(), new Array<Promise<void>>()];
  for (let i = 0; i < 150; i++) {
    const kind = i % 2 ? "video" : "share";
    const outgoing = alice.encryption.protectSender(sender, kind);
    const stream = { participantId: "alice", kind, streamId: outgoing.streamId } as const;
    const incoming = carol.take(receiver, stream);
    if (i % 3 === 0) for (const { release } of [outgoing, incoming]) release();
    if (i % 10 === 0) keys.push(alice.setKey(i + 2), carol.setKey(i + 2));
    if (i % 4 === 0) await sleep(1);
  }
  const within = performance.now() - start;
  await Promise.all(keys);
  const took = [await shows(link, "red")];
  const [sealed, opened] = [await alice.counts(), await carol.counts()];
  alice.encryption.protectSender(sender, "video").release();
  await sleep(200);
  const before = await line.totals();
  await sleep(400);
  const rest = { before, after: await line.totals(), sealed: await alice.counts() };
  return { within, took, sealed, opened, rest };
}

/** The codec of a sender changes, and changes back. */
export async function changeCodec() {
  const { createLine, createMember, createPicture, shows, until } = races;
  const [alice, carol] = [await createMember("alice"), await createMember("carol")];
  const link = await createLine().connect(alice, createPicture("red"), carol.take);
  await shows(link, "red");
  const codecOf = async () => {
    const stats = await link.sender.getStats();
    const { codecId } = [...stats.values()].find(({ type }) => type === "outbound-rtp") ?? {};
    return String(stats.get(codecId)?.mimeType);
  };
  const { codecs } = link.sender.getParameters();
  const took: number[] = [];
  for (const name of ["video/VP9", "video/H264", "video/AV1", "video/VP8"]) {
    const codec = codecs.find(
      ({ mimeType, sdpFmtpLine = "mode=1" }) =>
        mimeType === name && /mode=1|profile-id=0|profile=0/.test(sdpFmtpLine),
    );
    const parameters = link.sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, { codec });
    await link.sender.setParameters(parameters);
    await until(async () => (await codecOf()) === name, codecOf);
    took.push(await shows(link, "red", 15));
  }
  return { took, opened: await carol.counts(), sealed: await alice.counts(), states: carol.states };
}

export interface WireStream {
  participantId: string;
  kind: StreamKind;
  streamId: number[];
}

/** What comes to a receiver of a sender that is used again. */
export async function useAgainOnWire() {
  const { createLine, createMember, createPicture, createTap, sleep, until } = races;
  const [alice, bob] = [await createMember("alice"), await createMember("bob")];
  const [line, { frames, take }] = [createLine(), createTap()];
  const names: WireStream[] = [];
  const note = (participantId: string, kind: StreamKind, streamId: Uint8Array) =>
    names.push({ participantId, kind, streamId: [...streamId] });
  const more = async () => {
    const { length } = frames;
    await until(() => frames.length > length + 12, () => frames.length);
  };

  const { sender, transceiver, outgoing } = await line.connect(alice, createPicture("red"), take);
  note("alice", "video", outgoing.streamId);
  await more();
  for (const track of [createPicture("green"), null, createPicture("blue")]) {
    await sender.replaceTrack(track); // Another device, none, and another one.
    await (track ? more() : sleep(200));
  }
  for (let i = 0; i < 20; i++) {
    note("alice", "share", alice.encryption.protectSender(sender, "share").streamId);
    await sleep(3 * i);
  }
  await more();
  transceiver.stop();
  await line.negotiate();
  note("bob", "video", (await line.connect(bob, createPicture("red"), take)).outgoing.streamId);
  await more();
  return { names, frames };
}

/** Two calls, for the end of a sender's worker and of a receiver's. */
export async function startCalls(): Promise<void> {
  const { createLine, createMember, createPicture, shows } = races;
  const call = async (name: Call["name"]) => {
    const members: Call["members"] = [await createMember("alice"), await createMember("carol")];
    const line = createLine();
    const link = await line.connect(members[0], createPicture("red"), members[1].take);
    return { name, members, line, link };
  };
  const calls = [await call("sender"), await call("receiver")];
  await Promise.all(calls.map(({ link }) => shows(link, "red")));
  Object.assign(window, { calls });
}

/** Does it to the sender's worker of the one call and to the receiver's of the other. */
export function endWorkers(deed: string): void {
  for (const { name, members } of (window as unknown as { calls: Call[] }).calls)
    members[name === "sender" ? 0 : 1].doInWorker(deed);
}

/** What is told, what still goes out and is shown, and how long a new start takes. */
export async function watchEnd() {
  const { createLine, createMember, shows, sleep, until } = races;
  const { calls } = window as unknown as { calls: Call[] };
  const hasScriptTransform = typeof RTCRtpScriptTransform === "function";

  /** With the sender or receiver of before. */
  function protect({ name, link }: Call, alice: Member, carol: Member): void {
    let { streamId } = link.outgoing;
    if (name === "sender") ({ streamId } = alice.encryption.protectSender(link.sender, "video"));
    carol.take(link.receiver, { participantId: "alice", kind: "video", streamId });
  }

  /** The same two with somebody new in the place of who is dead. */
  async function pair({ name, members }: Call): Promise<[Member, Member]> {
    const next = await createMember(name === "sender" ? "alice" : "carol");
    return name === "sender" ? [next, members[1]] : [members[0], next];
  }

  /** In a new connection where encoded streams cannot be had twice. Why those of before are refused. */
  async function startAnew(call: Call): Promise<{ link: Link; refusal: string }> {
    const [alice, carol] = await pair(call);
    if (hasScriptTransform) {
      protect(call, alice, carol);
      return { link: call.link, refusal: "" };
    }
    let refusal = "none";
    try {
      protect(call, alice, carol);
    } catch (error) {
      refusal = String(error);
    }
    const [sending, receiving] = await pair(call);
    const [track] = [call.link.sender.track as MediaStreamTrack];
    return { link: await createLine().connect(sending, track, receiving.take), refusal };
  }

  return Promise.all(
    calls.map(async (call) => {
      const { name, members, line, link } = call;
      await sleep(300); // What was under way has come.
      const [before, pictures] = [await line.totals(), link.shown.length];
      const dead = members[name === "sender" ? 0 : 1];
      await until(() => dead.states.some((state) => /worker/.test(state)), () => dead.states);
      await sleep(500);
      const [after, further] = [await line.totals(), link.shown.length - pictures];
      const garbled = link.shown.filter(({ colour }) => colour !== "red").length;
      const counts = name === "sender" ? await members[1].counts() : [];
      const inClear = counts.reduce((sum, { failed }) => sum + (failed["not-sealed"] ?? 0), 0);
      const next = await startAnew(call);
      const took = await shows(next.link, "red");
      const told = { states: dead.states, refusal: next.refusal };
      return { name, before, after, further, ...told, took, inClear, garbled };
    }),
  );
}

export interface Call {
  name: "sender" | "receiver";
  members: [Member, Member];
  line: Line;
  link: Link;
}
