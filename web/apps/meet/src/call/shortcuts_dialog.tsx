// The list of keys, and their switch: people who speak to their computer may not want any.

import { Dialog } from "../ui/dialog";

interface ShortcutsDialogProps {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  onClose: () => void;
}

const KEYS = [
  ["M", "Mute or unmute"],
  ["V", "Start or stop the camera"],
  ["S", "Share the screen or stop it"],
  ["P", "Show or hide the people"],
  ["?", "This list"],
] as const;

export function ShortcutsDialog({ isOn, onChange, onClose }: ShortcutsDialogProps) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => onChange(event.target.checked)}
        />
        Use these shortcuts
      </label>
    </Dialog>
  );
}
