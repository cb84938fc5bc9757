// What stands in place of the app where the browser lacks something that the call needs.

import { Page } from "../ui/page";

export function Unsupported({ missing }: { missing: string }) {
  return (
    <Page name="unsupported" title="This browser cannot take part">
      <p className="lead" role="alert">
        {missing}
      </p>
      <section className="card">
        <h2>What you can do</h2>
        <ul>
          <li>Open the link in a current Chrome, Edge, Firefox or Safari.</li>
          <li>
            If this is one of them, update it, and leave modes that switch parts of it off, such as
            Lockdown Mode or the strictest security level.
          </li>
          <li>Inside another app, choose “Open in browser”.</li>
        </ul>
      </section>
      <p className="quiet">
        Sotto Meet encrypts the call in your browser. Where that is impossible it sends nothing at
        all.
      </p>
    </Page>
  );
}
