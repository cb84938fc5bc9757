// The first page: a new meeting, or a link to one.

import { type FormEvent, useState } from "react";

import { focusHeading } from "./focus";
import { type Link, parseRoomOrLink } from "./link";
import { NameField } from "./name_field";

interface HomeProps {
  name: string;
  onName: (name: string) => void;
  isBusy: boolean;
  error: string | undefined;
  onCreate: () => void;
  onLink: (link: Link & { roomId: string }) => void;
}

export function Home({ name, onName, isBusy, error, onCreate, onLink }: HomeProps) {
  const [hint, setHint] = useState<string>();

  const open = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get("link");
    const { roomId, key, isElsewhere } = parseRoomOrLink(String(text));
    if (isElsewhere)
      setHint("That link leads to another server: open it in the browser's address bar.");
    else if (!roomId) setHint("That is not the link of a meeting.");
    else onLink({ roomId, key });
  };

  return (
    <main className="card" data-page="home">
      <h1 ref={focusHeading} tabIndex={-1}>
        Sotto Meet
      </h1>
      <p className="lead">
        Your browser encrypts the call. The server in between forwards what it cannot read.
      </p>
      <NameField name={name} onName={onName} />
      <button className="primary" disabled={isBusy} onClick={onCreate}>
        New meeting
      </button>
      <form onSubmit={open}>
        <label>
          Or join with a link
          {/* Holds a key: neither kept as an attribute nor sent anywhere to check its spelling. */}
          <input
            name="link"
            required
            autoComplete="off"
            spellCheck={false}
            placeholder={`${location.origin}/m/…`}
          />
        </label>
        <button>Join</button>
      </form>
      <p role="alert">{hint ?? error}</p>
    </main>
  );
}
