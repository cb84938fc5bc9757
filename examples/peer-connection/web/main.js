// The page: own key, own camera, and a call with whoever says hello.

import { ExternalE2EEKeyProvider, FrameEncryption } from "@sotto/e2ee";

import { Call } from "./call.js";
import { openSignalling } from "./signalling.js";
import "./style.css";

const ROOM_ID = "peer-connection-example";
const ownId = crypto.randomUUID();
const signalling = openSignalling(ROOM_ID, ownId);

/** @type {HTMLVideoElement} */
const ownVideo = document.querySelector("#own");
/** @type {HTMLVideoElement} */
const otherVideo = document.querySelector("#other");
/** @type {HTMLInputElement} */
const keyField = document.querySelector("#key");
/** @type {HTMLAnchorElement} */
const secondTab = document.querySelector("#second-tab");

let media;
let call;
/** Who is at the other end, and which call with them this is: what is left of others is dropped. */
let otherId;
let callId;

const keyProvider = new ExternalE2EEKeyProvider();
const encryption = new FrameEncryption({
  keyProvider,
  roomId: ROOM_ID,
  participantId: ownId,
  onEvent: ({ participantId, kind, state, reason = "" }) =>
    show(`${participantId === ownId ? "own" : "other"}-${kind}`, `${state} ${reason}`),
  onFailure: (error) => end(error),
  onKeyFrameWanted: ({ streamId }) =>
    send({ type: "key-frame", streamId: Array.from(streamId ?? []) }),
  onAnswer: ({ message }) => send({ type: "liveness", message: Array.from(message) }),
  onChallengeWanted: ({ challenge }) =>
    send({ type: "challenge", challenge: Array.from(challenge) }),
  onSafetyCode: (code = "") => show("safety-code", code),
});

function show(id, text) {
  document.querySelector(`#${id}`).textContent = text;
}

/** A key drawn at random is given as bytes; everything else is words, which cost time to guess. */
function useKey(text) {
  const isRandom = /^[\w-]{43}$/.test(text);
  const key = isRandom ? fromBase64Url(text) : text;
  keyProvider.setSharedKey(key).catch((error) => show("message", error.message));
  keyField.value = text;
  // What stands behind the # is sent to no server. The browser's history keeps it.
  history.replaceState(null, "", `#${encodeURIComponent(text)}`);
  secondTab.href = location.href;
}

function drawKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function send(message) {
  signalling.send({ ...message, callId }, otherId);
}

function begin(withId, id) {
  call?.close();
  otherId = withId;
  callId = id;
  const tracks = new MediaStream();
  otherVideo.srcObject = tracks;
  show("message", "");
  show("other-audio", "");
  show("other-video", "");
  call = new Call({
    encryption,
    otherId,
    media,
    send,
    onTrack: (track) => tracks.addTrack(track),
    onEnd: end,
  });
}

function end(error) {
  call?.close();
  call = otherId = callId = undefined;
  otherVideo.srcObject = null;
  show("message", error?.message ?? "The other tab is closed.");
}

/** Who was here first calls. */
signalling.onmessage = (message) => {
  const { type, from } = message;
  if (!media) return;
  if (type === "hello") {
    begin(from, crypto.randomUUID());
    call.start();
  } else if (type === "offer") {
    if (from === otherId && ownId < from) return; // Both have called: this one's call counts.
    begin(from, message.callId);
    call.receive(message);
  } else if (from === otherId && message.callId === callId) {
    if (type === "bye") end();
    else call.receive(message);
  }
};

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(keyField.value);
});
addEventListener("pagehide", () => {
  if (call) send({ type: "bye" });
});

try {
  useKey(decodeURIComponent(location.hash.slice(1)) || drawKey());
  media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  ownVideo.srcObject = media;
  await encryption.ready;
  signalling.send({ type: "hello" });
} catch (error) {
  show("message", error.message);
}
