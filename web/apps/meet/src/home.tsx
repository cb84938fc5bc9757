import { type FormEvent, useState } from "react";

import { type MeetingKey, parseLink } from "./link";

interface HomeProps {
  name: string;
  onName: (name: string) => void;
  isBusy: boolean;
  error: string | undefined;
  onCreate: () => void;
  onLink: (link: { roomId: string; key: MeetingKey | undefined }) => void;
}

export function Home({ name, onName, isBusy, error, onCreate, onLink }: HomeProps) {
  const [text, setText] = useState("");
  const [hint, setHint] = useState<string>();

  const open = (event: FormEvent) => {
    event.preventDefault();
    const { roomId, key } = parseLink(/^https?:/.test(text.trim()) ? text.trim() : `/m/${text.trim()}`);
    if (!roomId) return setHint("That is not the link of a meeting.");
    history.pushState(null, "", `/m/${roomId}`);
    onLink({ roomId, key });
  };

  return (
    <main className="card" data-page="home">
      <h1>Sotto Meet</h1>
      <p className="lead">Your browser encrypts the call. The server in between forwards what it cannot read.</p>
      <label>
        Your name
        <input value={name} maxLength={64} autoComplete="name" onChange={(event) => onName(event.target.value)} />
      </label>
      <button className="primary" disabled={isBusy} onClick={onCreate}>
        New meeting
      </button>
      <form onSubmit={open}>
        <label>
          Or join with a link
          <input value={text} placeholder={`${location.origin}/m/…`} onChange={(event) => setText(event.target.value)} />
        </label>
        <button disabled={text.trim() === ""}>Join</button>
      </form>
      <p role="alert">{hint ?? error}</p>
    </main>
  );
}
