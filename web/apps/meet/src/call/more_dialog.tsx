// The rarer actions, where there is no room for their buttons.

import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import type { ControlProps } from "./controls";

interface MoreDialogProps {
  actions: ControlProps[];
  onClose: () => void;
}

export function MoreDialog({ actions, onClose }: MoreDialogProps) {
  return (
    <Dialog title="More" onClose={onClose} className="sheet">
      <ul className="menu">
        {actions.map(({ icon, label, onClick }) => (
          <li key={label}>
            <button
              className="plain"
              onClick={() => {
                onClose();
                onClick();
              }}
            >
              <Icon name={icon} />
              {label}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
