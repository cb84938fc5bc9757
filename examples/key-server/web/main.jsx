// Around the meeting: signing in, making a meeting, and who is in it.

import { useState } from "react";
import { createRoot } from "react-dom/client";

import { EncryptedMeeting } from "./app";
import "./style.css";

/** Throws an Error whose message is for people. */
async function post(path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const { error, ...rest } = await answer.json();
  if (!answer.ok) throw new Error(error);
  return rest;
}

/** A form that says what went wrong. `onSend` is given the values of its fields by their names. */
function Form({ onSend, children }) {
  const [error, setError] = useState("");
  const send = async (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget));
    setError("");
    await Promise.resolve(fields).then(onSend).catch(({ message }) => setError(message));
  };
  return (
    <form onSubmit={send}>
      {children}
      {error && <p role="alert">{error}</p>}
    </form>
  );
}

function SignIn({ onSignedIn }) {
  return (
    <Form onSend={async (fields) => onSignedIn((await post("/sign-in", fields)).name)}>
      <label>
        Name <input name="name" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button>Sign in</button>
    </Form>
  );
}

const namesIn = (text) => text.split(/[\s,]+/).filter(Boolean);

function Choose({ onMeeting }) {
  const start = async ({ people }) => {
    const { meetingId } = await post("/meetings", { people: namesIn(people) });
    onMeeting({ meetingId, isOwner: true, people });
  };
  return (
    <>
      <Form onSend={start}>
        <label>
          People <input name="people" placeholder="alice, bob" />
        </label>
        <button>New meeting</button>
      </Form>
      <Form onSend={({ meetingId }) => onMeeting({ meetingId: meetingId.trim(), isOwner: false })}>
        <label>
          Meeting <input name="meetingId" required />
        </label>
        <button>Join</button>
      </Form>
    </>
  );
}

function People({ meetingId, people }) {
  const path = `/meetings/${encodeURIComponent(meetingId)}/members`;
  return (
    <Form onSend={(fields) => post(path, { people: namesIn(fields.people) })}>
      <label>
        People <input name="people" defaultValue={people} />
      </label>
      <button>Change</button>
    </Form>
  );
}

function App() {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState(null);
  if (!name) return <SignIn onSignedIn={setName} />;
  if (!chosen) return <Choose onMeeting={setChosen} />;
  return (
    <>
      <p>
        {name}, in the meeting <code>{chosen.meetingId}</code>
      </p>
      {chosen.isOwner && <People {...chosen} />}
      <EncryptedMeeting meetingId={chosen.meetingId} />
    </>
  );
}

createRoot(document.getElementById("root")).render(<App />);
