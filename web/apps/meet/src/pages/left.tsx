// After a call: why it is over, and the ways on.

import { useState } from "react";

import type { Outcome } from "../outcome";
import { Page } from "../ui/page";

interface LeftProps {
  outcome: Outcome;
  isBusy: boolean;
  /** Why joining again failed. */
  error: string | undefined;
  onRejoin: () => Promise<void>;
  onHome: () => void;
}

export function Left({ outcome, isBusy, error, onRejoin, onHome }: LeftProps) {
  const [isOpening, setOpening] = useState(false);
  const isWaiting = isBusy || isOpening;
  const rejoin = () => {
    setOpening(true);
    void onRejoin().finally(() => setOpening(false));
  };
  return (
    <Page name="left" title={outcome.title}>
      <p className="lead" role={outcome.isUnexpected ? "alert" : undefined}>
        {outcome.text}
      </p>
      <div className="card ways">
        <button className="primary large" disabled={isWaiting} onClick={rejoin}>
          {isWaiting ? "Joining…" : "Rejoin"}
        </button>
        <button className="large" onClick={onHome}>
          Back to the start
        </button>
        <p role="alert">{error}</p>
      </div>
    </Page>
  );
}
