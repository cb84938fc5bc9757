// What the compiler says of the names that apps use: `npm run typecheck` looks at it, with React 19's
// types and with React 18's.

import type { ComponentProps, ReactNode } from "react";
import { expectTypeOf, test } from "vitest";

import {
  AudioPlayer,
  Constants,
  type DeviceInfo,
  ExternalE2EEKeyProvider,
  MeetingConsumer,
  MeetingProvider,
  type Participant,
  type Stream,
  useMediaDevice,
  useMeeting,
  useParticipant,
  VideoPlayer,
} from "../src/index";

// Nothing here runs: hooks need a provider.
const never = (_: () => unknown): void => {};
const config = { meetingId: "2kyv-gzay-64pg", name: "Ada" };

test("MeetingProvider", () => {
  never(() => [
    <MeetingProvider config={config} token="t" keyProvider={null} />,
    <MeetingProvider config={config} token={async () => "t"} keyProvider={undefined}>
      <p />
      <p />
    </MeetingProvider>,
    <MeetingProvider
      config={{
        ...config,
        micEnabled: true,
        webcamEnabled: false,
        participantId: "ada",
        mode: Constants.modes.SEND_AND_RECV,
        metaData: { team: "red" },
        signalingBaseUrl: "meet.example.org:7880",
        customCameraVideoTrack: new MediaStream(),
        customMicrophoneAudioTrack: null,
        multiStream: true,
      }}
      token="t"
      keyProvider={new ExternalE2EEKeyProvider()}
      joinWithoutUserInteraction
      reinitialiseMeetingOnConfigChange
    />,
    // @ts-expect-error a token is needed
    <MeetingProvider config={config} />,
    // @ts-expect-error a meetingId is needed
    <MeetingProvider config={{ name: "Ada" }} token="t" />,
    // @ts-expect-error a flag is no text
    <MeetingProvider config={{ ...config, micEnabled: "yes" }} token="t" />,
    // @ts-expect-error there is no such mode
    <MeetingProvider config={{ ...config, mode: "LISTEN" }} token="t" />,
    // @ts-expect-error metaData is an object
    <MeetingProvider config={{ ...config, metaData: "red" }} token="t" />,
    // @ts-expect-error a key is no key provider
    <MeetingProvider config={config} token="t" keyProvider="key" />,
  ]);
});

test("MeetingConsumer", () => {
  never(() => [
    <MeetingConsumer onMeetingJoined={() => {}} onError={({ code }) => code.toFixed()}>
      {({ participants, join }) => <button onClick={() => join()}>{participants.size}</button>}
    </MeetingConsumer>,
    // @ts-expect-error its child is a function
    <MeetingConsumer>text</MeetingConsumer>,
  ]);
  expectTypeOf<ComponentProps<typeof MeetingConsumer>["children"]>().returns.toExtend<ReactNode>();
});

test("useMeeting", () => {
  type Returned = ReturnType<typeof useMeeting>;
  expectTypeOf<Returned["participants"]>().toEqualTypeOf<ReadonlyMap<string, Participant>>();
  expectTypeOf<Returned["localParticipant"]>().toEqualTypeOf<Participant | null>();
  expectTypeOf<Returned["activeSpeakerId" | "presenterId"]>().toEqualTypeOf<string | null>();
  type Flag = "localMicOn" | "localWebcamOn" | "localScreenShareOn" | "isE2EEEnabled" | "e2eeEnabled";
  expectTypeOf<Returned[Flag]>().toEqualTypeOf<boolean>();
  expectTypeOf<Returned["meeting"]["isE2EEEnabled"]>().toEqualTypeOf<boolean>();
  type Plain = "join" | "leave" | "end" | "muteMic" | "disableWebcam" | "disableScreenShare";
  expectTypeOf<Returned[Plain]>().toEqualTypeOf<() => Promise<void>>();
  expectTypeOf<MediaStream>().toExtend<Parameters<Returned["enableWebcam"]>[0]>();
  expectTypeOf<string | MediaStream>().toExtend<Parameters<Returned["changeWebcam"]>[0]>();
  expectTypeOf<string | MediaStream>().toExtend<Parameters<Returned["changeMic"]>[0]>();
  expectTypeOf<Returned["getWebcams" | "getMics"]>().returns.resolves.toEqualTypeOf<MediaDeviceInfo[]>();
  never(() =>
    useMeeting({
      onParticipantLeft: (participant, { code, message }) => [participant.id, code, message],
      onEntryResponded: (id, decision) => [id, decision === "allowed"],
      onSpeakerChanged: (id) => id?.length,
      onMeetingStateChanged: ({ state }) => state === "RECONNECTING",
      // @ts-expect-error a code is a number
      onMeetingLeft: ({ code }) => code.length,
    }),
  );
  // @ts-expect-error there is no such callback
  never(() => useMeeting({ onMeetingEnded: () => {} }));
});

test("useParticipant", () => {
  type Returned = ReturnType<typeof useParticipant>;
  type Streams = "webcamStream" | "micStream" | "screenShareStream" | "screenShareAudioStream";
  expectTypeOf<Returned[Streams]>().toEqualTypeOf<Stream | null>();
  type Flag = "webcamOn" | "micOn" | "screenShareOn" | "screenShareAudioOn" | "isLocal";
  expectTypeOf<Returned[Flag | "isActiveSpeaker"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Returned["displayName"]>().toEqualTypeOf<string>();
  expectTypeOf<Returned["mode"]>().toExtend<keyof typeof Constants.modes>();
  type Statistics = Awaited<ReturnType<Returned["getVideoStats"]>>[number];
  expectTypeOf<Statistics["bitrate"]>().toEqualTypeOf<number>();
  expectTypeOf<Statistics["codec"]>().toEqualTypeOf<string>();
  never(() =>
    useParticipant("bob", {
      onE2EEStateChanged: ({ state, kind, reason }) => [
        state === "DecryptionFailed",
        kind === "shareAudio",
        reason === "missing-key",
        // @ts-expect-error there is no such state
        state === "Encrypted",
      ],
      onStreamEnabled: ({ kind, track, id }) => [kind === "share", track.label, id.length],
      onMediaStatusChanged: ({ peerId, newStatus }) => [peerId.length, newStatus === true],
    }),
  );
  // @ts-expect-error an id is needed
  never(() => useParticipant());
  never(() => {
    const { participant } = useParticipant("bob");
    participant.on("e2ee-state-change", ({ state, kind }) => [state, kind]);
    // @ts-expect-error there is no such event
    participant.on("e2ee-state-changed", () => {});
  });
});

test("players", () => {
  never(() => [
    <VideoPlayer participantId="bob" type="share" containerStyle={{ height: 10 }} />,
    <VideoPlayer participantId="bob" className="a" classNameVideo="b" videoStyle={{ width: 1 }} />,
    <VideoPlayer participantId="bob" videoRef={(video) => void video?.play()} />,
    <AudioPlayer participantId="bob" type="shareAudio" onBlocked={(isBlocked) => !isBlocked} />,
    // @ts-expect-error a participantId is needed
    <VideoPlayer />,
    // @ts-expect-error sound is for the other player
    <VideoPlayer participantId="bob" type="audio" />,
  ]);
});

test("keys, devices and constants", () => {
  never(() => [
    new ExternalE2EEKeyProvider({ discardFrameWhenCryptorNotReady: false, policy: "preferred" }),
    new ExternalE2EEKeyProvider().setSharedKey(new Uint8Array(32).subarray(16)),
    // @ts-expect-error there is no such policy
    new ExternalE2EEKeyProvider({ policy: "off" }),
    // @ts-expect-error a number is no key
    new ExternalE2EEKeyProvider().setSharedKey(5),
  ]);
  type Media = ReturnType<typeof useMediaDevice>;
  expectTypeOf<Media["getCameras"]>().returns.resolves.toEqualTypeOf<DeviceInfo[]>();
  expectTypeOf<Media["checkPermissions"]>().returns.resolves.toExtend<ReadonlyMap<string, boolean>>();
  never(() => useMediaDevice({ onDeviceChanged: ({ devices }) => devices[0]?.deviceId }));
  expectTypeOf(Constants.permission.AUDIO_AND_VIDEO).toEqualTypeOf<"audio_video">();
  expectTypeOf(Constants.leaveReason.MANUAL_LEAVE_CALLED).toEqualTypeOf<1101>();
  expectTypeOf(Constants.errors.ERROR_ACTION_PERFORMED_BEFORE_MEETING_JOINED).toEqualTypeOf<3035>();
});
