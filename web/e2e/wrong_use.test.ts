// What an app in JavaScript can do wrong with @sotto/e2ee, where a browser decides what comes of it: it is
// told, and nothing is sent or shown in clear.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inEachBrowser } from "./browsers.ts";
import { prepareRaces } from "./races.ts";

inEachBrowser((page) => page.evaluate(prepareRaces, {}), (stage, name) => {
  test("what is no sender and no receiver is refused and left alone", async () => {
    const { refused, shown } = await stage.page.evaluate(protectOthers);
    assert.equal(refused.length, 12);
    for (const words of refused)
      assert.match(words, /^TypeError: protect(Sender|Receiver) must be given an RTCRtp\1, such as/);
    assert.ok(shown >= 10, "nothing was shown afterwards");
  });

  test("senders and receivers of another frame of the page are sealed and opened too", async () => {
    const { states, opened } = await stage.page.evaluate(useOtherFrame);
    assert.deepEqual(states, ["alice video EncryptionSuccess", "alice video DecryptionSuccess"]);
    assert.deepEqual(opened, [{}]);
  });

  if (!name.includes("createEncodedStreams"))
    test("a transform that the browser does not keep is told", async () => {
      const { words, state } = await stage.page.evaluate(loseTransform);
      assert.match(words, /^E2EEError no-transform: .* the transform that was set is not there/);
      assert.equal(state, "nothing works any more");
    });

  test("a sender that another FrameEncryption holds stays with it", async () => {
    const words = await stage.page.evaluate(takeOver);
    assert.equal(words.length, 2);
    for (const each of words) assert.match(each, /^E2EEError no-transform: Another FrameEncryption/);
  });

  test("a workerUrl that leads to a page is named", async () => {
    const words = await stage.page.evaluate(startOnPage);
    const place = `at ${stage.server.url}/index.html could not run: `;
    assert.ok(words.startsWith(`no-worker: The encryption worker ${place}`), words);
    assert.match(words, /serve @sotto\/e2ee\/worker yourself and give its address as workerUrl/);
    assert.ok(!words.includes("secret"), words);
  });

  test("a policy that forbids WebAssembly is named, and what it needs", async () => {
    const words = await stage.page.evaluate(startUnderPolicy);
    assert.match(words, /^no-wasm: .* policy does not allow WebAssembly\. Add 'wasm-unsafe-eval' to /);
  });
});

async function protectOthers() {
  const { createLine, createMember, createPicture, shows } = races;
  const [alice, carol] = [await createMember("alice"), await createMember("carol")];
  const line = createLine();
  const [track, refused] = [createPicture("red"), new Array<string>()];
  const transceiver = line.sending.addTransceiver(track, { direction: "sendonly" });
  const stream = { participantId: "alice", kind: "video", streamId: new Uint8Array(16) } as const;
  const protect = (owner: unknown, isSender: boolean) => {
    const before = Reflect.get(Object(owner), "transform") as unknown;
    try {
      if (isSender) alice.encryption.protectSender(owner as RTCRtpSender, "video");
      else alice.encryption.protectReceiver(owner as RTCRtpReceiver, stream);
      refused.push("nothing was thrown");
    } catch (error) {
      const isAlone = Reflect.get(Object(owner), "transform") === before;
      refused.push(isAlone ? String(error) : "it was given something");
    }
  };
  const plain = { track, transform: null, createEncodedStreams: () => ({}) };
  const others = [transceiver, track, line.sending, plain, undefined];
  for (const owner of [...others, transceiver.receiver]) protect(owner, true);
  for (const owner of [...others, transceiver.sender]) protect(owner, false);
  transceiver.stop();
  const link = await line.connect(alice, createPicture("red"), carol.take);
  await shows(link, "red");
  return { refused, shown: link.shown.length };
}

async function useOtherFrame() {
  const { createLine, createMember, createPicture, shows, until } = races;
  const [alice, carol] = [await createMember("alice"), await createMember("carol")];
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const { RTCPeerConnection } = frame.contentWindow as Window & typeof globalThis;
  const link = await createLine(RTCPeerConnection).connect(alice, createPicture("red"), carol.take);
  await shows(link, "red");
  const states = () => [...alice.states, ...carol.states];
  await until(() => states().length >= 2, states);
  return { states: states(), opened: (await carol.counts()).map(({ failed }) => failed) };
}

async function loseTransform() {
  const { createMember } = races;
  const alice = await createMember("alice");
  const { sender } = new RTCPeerConnection().addTransceiver("video");
  Object.defineProperty(RTCRtpSender.prototype, "transform", { get: () => null, set() {} });
  let words = "nothing was thrown";
  try {
    alice.encryption.protectSender(sender, "video");
  } catch (error) {
    const { name, reason, message } = error as InstanceType<typeof e2ee.E2EEError>;
    words = `${name} ${reason}: ${message}`;
  }
  const state = await alice.counts().then(() => "it goes on", () => "nothing works any more");
  return { words, state };
}

async function takeOver() {
  const { createLine, createMember, createPicture, shows, sleep } = races;
  const [alice, carol, bob] = [
    await createMember("alice"),
    await createMember("carol"),
    await createMember("bob"),
  ];
  const link = await createLine().connect(alice, createPicture("red"), carol.take);
  await shows(link, "red");
  const { streamId } = link.outgoing;
  const words: string[] = [];
  for (const take of [
    () => bob.encryption.protectSender(link.sender, "video"),
    () => bob.take(link.receiver, { participantId: "alice", kind: "video", streamId }),
  ])
    try {
      take();
      words.push("nothing was thrown");
    } catch (error) {
      const { name, reason, message } = error as InstanceType<typeof e2ee.E2EEError>;
      words.push(`${name} ${reason}: ${message}`);
    }
  await sleep(100);
  await shows(link, "red"); // As before.
  return words;
}

/** What the error says, here and in the next one. */
async function startOnPage(): Promise<string> {
  return races.createMember("alice", "/index.html?token=secret").then(
    () => "it runs",
    ({ reason, message }: InstanceType<typeof e2ee.E2EEError>) => `${reason}: ${message}`,
  );
}

async function startUnderPolicy(): Promise<string> {
  const meta = document.createElement("meta");
  meta.httpEquiv = "content-security-policy";
  meta.content = "script-src 'self'; worker-src blob:";
  document.head.append(meta);
  return races.createMember("alice").then(
    () => "it runs",
    ({ reason, message }: InstanceType<typeof e2ee.E2EEError>) => `${reason}: ${message}`,
  );
}
