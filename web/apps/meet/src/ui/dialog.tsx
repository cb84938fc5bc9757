// A question or a piece of information in front of everything else. The keyboard goes to what is marked with
// data-first; Escape and a click beside it close it, and the keyboard then is where it was before.

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { Icon } from "./icons";

interface DialogProps {
  title: string;
  onClose: () => void;
  className?: string;
  /** Beside the rest, which stays usable. Default false. */
  isPanel?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, className = "", isPanel = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the element is gone, or the browser would not bring the keyboard back.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (isPanel) dialog?.show();
    else dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => dialog?.close();
  }, [isPanel]);
  return (
    <dialog
      ref={element}
      className={`dialog ${className}`.trim()}
      data-panel={isPanel}
      aria-labelledby={titleId}
      onCancel={onClose}
      onClose={({ currentTarget }) => {
        if (!currentTarget.open) onClose();
      }}
      onPointerDown={({ target, currentTarget }) => {
        if (target === currentTarget && !isPanel) onClose();
      }}
      onKeyDown={(event) => {
        if (isPanel && event.key === "Escape") onClose();
      }}
    >
      <div className="dialog-body">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="plain round" onClick={onClose}>
            <Icon name="close" />
            <span className="unseen">Close</span>
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
