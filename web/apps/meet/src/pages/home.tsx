// The first page: a new meeting, or a link to one.

import { type FormEvent, useState } from "react";

import { type Link, parseRoomOrLink } from "../link";
import { Icon, type IconName } from "../ui/icons";
import { Page } from "../ui/page";

interface HomeProps {
  isBusy: boolean;
  error: string | undefined;
  onCreate: () => void;
  onLink: (link: Link & { roomId: string }) => void;
}

export function Home({ isBusy, error, onCreate, onLink }: HomeProps) {
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
    <Page name="home" title="Video meetings that only you can see">
      <p className="lead">
        Your browser encrypts the call before it leaves this device. The server in between forwards
        what it cannot read.
      </p>
      <section className="card home-card">
        <button
          className="primary large"
          disabled={isBusy}
          onClick={() => {
            setHint(undefined);
            onCreate();
          }}
        >
          <Icon name="plus" />
          New meeting
        </button>
        <p className="or">
          <span>or join one</span>
        </p>
        <form onSubmit={open}>
          <label htmlFor="link">Link or room id</label>
          <div className="field-with-button">
            {/* Holds a key: neither kept as an attribute nor sent anywhere to check its spelling. */}
            <input
              id="link"
              name="link"
              required
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder={`${location.origin}/m/…`}
              aria-describedby="link-hint"
            />
            <button>Join</button>
          </div>
        </form>
        <p role="alert" id="link-hint">
          {hint ?? error}
        </p>
      </section>
      <ul className="facts">
        <Fact icon="lock" title="Sealed at the source">
          Every frame of sound and picture, on your own device.
        </Fact>
        <Fact icon="key" title="The key is in the link">
          Behind the #, which browsers do not send to the server.
        </Fact>
        <Fact icon="check" title="You can check it">
          The same safety code means the same key.
        </Fact>
      </ul>
    </Page>
  );
}

function Fact(props: { icon: IconName; title: string; children: string }) {
  return (
    <li>
      <Icon name={props.icon} />
      <div>
        <strong>{props.title}</strong>
        <p>{props.children}</p>
      </div>
    </li>
  );
}
