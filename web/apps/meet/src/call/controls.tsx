// The row of buttons below the tiles. Where it is narrow, the rarer ones are behind "More".

import { useMeeting } from "@sotto/react-sdk";

import { Icon, type IconName } from "../ui/icons";
import type { CallActions } from "./use_call_actions";

/** What opens in front of the call. */
export type Opened = "key" | "safety" | "devices" | "shortcuts" | "more";

interface ControlsProps {
  actions: CallActions;
  isNarrow: boolean;
  isPeopleOpen: boolean;
  onOpen: (what: Opened) => void;
}

export function Controls({ actions, isNarrow, isPeopleOpen, onOpen }: ControlsProps) {
  const { localMicOn, localWebcamOn, localScreenShareOn, participants } = useMeeting();
  return (
    <footer className="controls" aria-label="Controls">
      <Control
        icon={localMicOn ? "mic" : "micOff"}
        isOff={!localMicOn}
        label={localMicOn ? "Mute" : "Unmute"}
        onClick={actions.toggleMic}
      />
      <Control
        icon={localWebcamOn ? "camera" : "cameraOff"}
        isOff={!localWebcamOn}
        label={localWebcamOn ? "Stop camera" : "Start camera"}
        onClick={actions.toggleCamera}
      />
      {actions.canShare && (
        <Control
          icon="screen"
          isActive={localScreenShareOn}
          label={localScreenShareOn ? "Stop sharing" : "Share screen"}
          onClick={actions.toggleScreen}
        />
      )}
      <span className="controls-gap" />
      <Control
        icon="people"
        label="People"
        count={participants.size}
        isExpanded={isPeopleOpen}
        onClick={actions.togglePeople}
      />
      {isNarrow ? (
        <Control icon="more" label="More" onClick={() => onOpen("more")} />
      ) : (
        rareActions(actions, onOpen).map((action) => <Control key={action.label} {...action} />)
      )}
      <span className="controls-gap" />
      <Control icon="leave" label="Leave" isDanger onClick={actions.leave} />
    </footer>
  );
}

export function rareActions(actions: CallActions, onOpen: (what: Opened) => void): ControlProps[] {
  return [
    { icon: "link", label: "Copy link", onClick: actions.copyLink },
    { icon: "key", label: "Key", onClick: () => onOpen("key") },
    { icon: "settings", label: "Devices", onClick: () => onOpen("devices") },
    { icon: "keyboard", label: "Shortcuts", onClick: () => onOpen("shortcuts") },
  ];
}

export interface ControlProps {
  icon: IconName;
  label: string;
  count?: number;
  isOff?: boolean;
  isActive?: boolean;
  isDanger?: boolean;
  isExpanded?: boolean;
  onClick: () => void;
}

function Control({ icon, label, count, isOff, isActive, isDanger, ...props }: ControlProps) {
  return (
    <button
      className="control"
      data-state={isDanger ? "danger" : isOff ? "off" : isActive ? "active" : undefined}
      aria-expanded={props.isExpanded}
      onClick={props.onClick}
    >
      <span className="control-icon">
        <Icon name={icon} />
        {count !== undefined && (
          <span className="count" aria-hidden="true">
            {count}
          </span>
        )}
      </span>
      <span className="control-label">{label}</span>
    </button>
  );
}
