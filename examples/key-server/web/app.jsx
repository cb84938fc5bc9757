import {
  AudioPlayer,
  ExternalE2EEKeyProvider,
  MeetingProvider,
  useMeeting,
  useParticipant,
  VideoPlayer,
} from "@sotto/react-sdk";
import { useEffect, useState } from "react";

/** Your own backend gives token and key to those whom it invited. Null: not, or not any more. */
async function askBackend(meetingId, signal) {
  const headers = { "content-type": "application/json" };
  const path = `/meetings/${encodeURIComponent(meetingId)}/join`;
  const answer = await fetch(path, { method: "POST", headers, body: "{}", signal });
  if (answer.status === 403) return null;
  if (!answer.ok) throw new Error(`The backend answered with status ${answer.status}.`);
  return answer.json();
}

/** One question after the other, so that an older key never comes after a newer one. */
async function keepAsking(meetingId, tell, signal) {
  while (!signal.aborted) {
    await askBackend(meetingId, signal).then(tell, console.warn);
    await new Promise((done) => setTimeout(done, 5000));
  }
}

function toBytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function EncryptedMeeting({ meetingId }) {
  const [keyProvider] = useState(
    () => new ExternalE2EEKeyProvider({ discardFrameWhenCryptorNotReady: true }),
  );
  const [invitation, setInvitation] = useState(undefined);

  useEffect(() => {
    const ending = new AbortController();
    void keepAsking(meetingId, setInvitation, ending.signal);
    return () => ending.abort();
  }, [meetingId]);

  // Whenever it is another one: when somebody is removed, those who stay get a new key.
  const key = invitation?.key;
  useEffect(() => {
    if (key) void keyProvider.setSharedKey(toBytes(key));
  }, [keyProvider, key]);

  if (invitation === undefined) return <p>Waiting for the key…</p>;
  if (invitation === null) return <p role="alert">You are not invited to this meeting.</p>;
  const { participantId, signalingBaseUrl, people } = invitation;
  return (
    <MeetingProvider
      config={{ meetingId, participantId, name: participantId, signalingBaseUrl }}
      token={async () => (await askBackend(meetingId))?.token ?? ""}
      keyProvider={keyProvider}
      joinWithoutUserInteraction
    >
      <Meeting people={people} />
    </MeetingProvider>
  );
}

/** Shows whom the backend invited, whoever else the meeting server lets in. */
function Meeting({ people }) {
  const { participants, isE2EEEnabled, safetyCode, endedBy } = useMeeting();
  const shown = [...participants.keys()].filter((id) => people.includes(id));
  return (
    <main>
      <p>{isE2EEEnabled ? "End-to-end encrypted" : "Not encrypted"}</p>
      <p>Safety code: {safetyCode ?? "none without a key"}</p>
      {endedBy && <p role="alert">{endedBy.message}</p>}
      {shown.map((id) => (
        <Participant key={id} id={id} />
      ))}
    </main>
  );
}

function Participant({ id }) {
  const [states, setStates] = useState({ audio: "nothing yet", video: "nothing yet" });
  useParticipant(id, {
    onE2EEStateChanged: ({ state, kind }) => setStates((all) => ({ ...all, [kind]: state })),
  });
  return (
    <section aria-label={id}>
      <VideoPlayer participantId={id} />
      <AudioPlayer participantId={id} />
      <p>
        {id} · camera: {states.video} · microphone: {states.audio}
      </p>
    </section>
  );
}
