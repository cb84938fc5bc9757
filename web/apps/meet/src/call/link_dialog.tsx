// The link, to be copied by hand where the browser refuses to do it.

import { useLayoutEffect, useRef } from "react";

import { Dialog } from "../ui/dialog";

interface LinkDialogProps {
  link: string;
  hasKey: boolean;
  onClose: () => void;
}

export function LinkDialog({ link, hasKey, onClose }: LinkDialogProps) {
  const field = useRef<HTMLInputElement>(null);
  // As a property: an attribute would put the key into the page's text.
  useLayoutEffect(() => {
    if (field.current) field.current.value = link;
  }, [link]);
  return (
    <Dialog title="Link of the meeting" onClose={onClose}>
      <p className="quiet">
        The browser did not allow copying. Copy it from here
        {hasKey ? ": whoever has it can join and decrypt." : ". It has no key: there is none here."}
      </p>
      <label>
        Link
        <input
          ref={field}
          name="shown-link"
          data-first
          readOnly
          spellCheck={false}
          autoComplete="off"
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
    </Dialog>
  );
}
