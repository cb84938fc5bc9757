// What stands in place of the app where the browser would refuse everything it needs.

import { Page } from "../ui/page";

export function Insecure() {
  const port = location.port || "7880";
  return (
    <Page name="insecure" title="This page needs a secure address">
      <p className="lead">
        It was opened as <code>{location.origin}</code>. Browsers give camera, microphone and
        encryption only to pages that come over HTTPS or from the same machine, so nothing would
        work here.
      </p>
      <section className="card">
        <h2>How to mend it</h2>
        <ul>
          <li>
            On the machine that runs Sotto, open <code>http://localhost:{port}</code>.
          </li>
          <li>
            From elsewhere, give the server a certificate: <code>tls.certificate</code> and{" "}
            <code>tls.key</code> in its configuration, then open{" "}
            <code>
              https://{location.hostname}:{port}
            </code>
            .
          </li>
          <li>Or put a reverse proxy with HTTPS in front of it.</li>
        </ul>
      </section>
    </Page>
  );
}
