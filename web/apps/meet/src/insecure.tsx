// What stands in place of the app where the browser would refuse everything it needs.

export function Insecure() {
  const port = location.port || "7880";
  return (
    <main className="card" data-page="insecure">
      <h1>This page needs a secure address</h1>
      <p>
        It was opened as <code>{location.origin}</code>. Browsers give camera, microphone and
        encryption only to pages that come over HTTPS or from the same machine, so nothing would
        work here.
      </p>
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
    </main>
  );
}
