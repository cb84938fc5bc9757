// What the server says, given to the real mediasoup-client: its Device, its transports and its SDP
// writer. Only the peer connection below them is the package's own stand-in, since Node has none;
// what the browsers can do was measured (tests/vectors/mediasoup-client/SOURCE.md).
//
// SOTTO_RTP_JSON_PRINT is the path of the program made from rtp_json_print.c. mediasoup-client is
// found as any package is, also through NODE_PATH.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { Device } = require('mediasoup-client');
const ortc = require('mediasoup-client/ortc');
const { FakeHandler } = require('mediasoup-client/handlers/FakeHandler');
const { RemoteSdp } = require('mediasoup-client/handlers/sdp/RemoteSdp');
const { FakeMediaStreamTrack } = createRequire(require.resolve('mediasoup-client'))(
  'fake-mediastreamtrack',
);

const program = process.env.SOTTO_RTP_JSON_PRINT;
assert.ok(program, 'SOTTO_RTP_JSON_PRINT names the program made from rtp_json_print.c');

const vectors = new URL('../vectors/mediasoup-client/', import.meta.url);
const load = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, vectors), 'utf8'));
const run = (word, input) => JSON.parse(execFileSync(program, [word], { input }).toString());

const router = run('router', '');
const browsers = ['chromium156', 'firefox153'];
const native = Object.fromEntries(
  browsers.map((browser) => [browser, load(`native-capabilities.${browser}`)]),
);

const REMB = 'goog-remb';
const TRANSPORT_CC = 'transport-cc';

const transportParameters = {
  id: 'transport-1',
  iceParameters: {
    usernameFragment: 'abcdabcd',
    password: 'abcdabcdabcdabcdabcdabcd',
    iceLite: true,
  },
  iceCandidates: [],
  dtlsParameters: {
    role: 'auto',
    fingerprints: [{ algorithm: 'sha-256', value: new Array(32).fill('AB').join(':') }],
  },
};

async function loadDevice(browser) {
  const capabilities = (direction) => {
    const copy = structuredClone(native[browser][direction]);
    ortc.validateAndNormalizeRtpCapabilities(copy);
    return copy;
  };
  const fake = {
    generateNativeRtpCapabilities: () => capabilities('sendonly'),
    generateLocalDtlsParameters: () => transportParameters.dtlsParameters,
  };
  const device = new Device({
    handlerFactory: {
      name: browser,
      factory: (options) => new FakeHandler(options, fake),
      getNativeRtpCapabilities: async ({ direction }) => capabilities(direction),
    },
  });
  await device.load({ routerRtpCapabilities: router });
  return device;
}

// What the device hands to the produce event for a track of that kind, of its first codec or that
// one.
async function produce(device, kind, mimeType) {
  const transport = device.createSendTransport(transportParameters);
  let parameters;
  transport.on('connect', (_, done) => done());
  transport.on('produce', (event, done) => {
    parameters = event.rtpParameters;
    done({ id: 'producer-1' });
  });
  const codec = device.sendRtpCapabilities.codecs.find((codec) => codec.mimeType === mimeType);
  await transport.produce({ track: new FakeMediaStreamTrack({ kind }), ...(codec && { codec }) });
  transport.close();
  return parameters;
}

function negotiate(kind, rtpParameters, rtpCapabilities, mid = 0) {
  const request = JSON.stringify({ kind, rtpParameters, rtpCapabilities, mid });
  return run('negotiate', request);
}

test('the router capabilities are valid as they are', () => {
  const copy = structuredClone(router);
  ortc.validateAndNormalizeRtpCapabilities(copy);
  assert.deepEqual(copy, router);
});

// Firefox without its plug-in has no H.264.
const videoCodecs = {
  chromium156: ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1'],
  firefox153: ['video/VP8', 'video/VP9', 'video/AV1'],
};

for (const browser of browsers) {
  test(`${browser} gets Opus, VP8, VP9, H.264 and AV1 with RTX as far as it has them`, async () => {
    const device = await loadDevice(browser);
    const expected = ['audio/opus', ...videoCodecs[browser].flatMap((name) => [name, 'video/rtx'])];
    for (const { codecs } of [device.sendRtpCapabilities, device.recvRtpCapabilities])
      assert.deepEqual(codecs.map(({ mimeType }) => mimeType), expected);
    assert.ok(device.canProduce('audio') && device.canProduce('video'));
  });

  test(`${browser} answers REMB to what it sends and no other congestion feedback`, () => {
    const local = structuredClone(native[browser].sendonly);
    ortc.validateAndNormalizeRtpCapabilities(local);
    const extended = ortc.getExtendedRtpCapabilities(local, structuredClone(router), false);
    const video = ortc.getSendingRemoteRtpParameters('video', extended);
    const types = video.codecs[0].rtcpFeedback.map(({ type }) => type);
    assert.ok(types.includes(REMB) && !types.includes(TRANSPORT_CC));
    assert.equal(video.codecs[0].mimeType, 'video/VP8');
    const audio = ortc.getSendingRemoteRtpParameters('audio', extended);
    assert.deepEqual(audio.codecs[0].rtcpFeedback, []);
  });

  for (const receiver of browsers)
    for (const mimeType of ['audio/opus', ...videoCodecs[browser]]) {
      if (!['audio/opus', ...videoCodecs[receiver]].includes(mimeType)) continue;
      test(`${mimeType} from ${browser} is consumed by ${receiver}`, async () => {
        const sender = await loadDevice(browser);
        const device = await loadDevice(receiver);
        const [kind] = mimeType.split('/');
        const produced = await produce(sender, kind, mimeType);
        assert.equal(produced.codecs[0].mimeType, mimeType);
        const { rtpParameters, error } = negotiate(kind, produced, device.recvRtpCapabilities, 3);
        assert.equal(error, undefined);

        const copy = structuredClone(rtpParameters);
        ortc.validateAndNormalizeRtpParameters(copy);
        copy.encodings.forEach((encoding) => delete encoding.dtx); // the default that it adds
        assert.deepEqual(copy, rtpParameters);
        assert.ok(ortc.canReceive(copy, device.recvRtpCapabilities));

        const transport = device.createRecvTransport(transportParameters);
        transport.on('connect', (_, done) => done());
        const consumer = await transport.consume({
          id: 'consumer-1',
          producerId: 'producer-1',
          kind,
          rtpParameters,
        });
        assert.equal(consumer.kind, kind);
        assert.equal(consumer.rtpParameters.mid, '3');
        transport.close();
      });
    }

  test(`the offer that ${browser} would see names every stream`, async () => {
    const device = await loadDevice(browser);
    const event = load('produce-event.video-vp8-single-noencodings.chromium156');
    const { rtpParameters } = negotiate('video', event.rtpParameters, device.recvRtpCapabilities);
    const sdp = new RemoteSdp(transportParameters);
    const offer = { offerRtpParameters: rtpParameters, streamId: 'stream', trackId: 'track' };
    sdp.receive({ mid: rtpParameters.mid, kind: 'video', ...offer });
    const lines = sdp.getSdp().split('\r\n');
    const { ssrc, rtx } = rtpParameters.encodings[0];
    for (const line of [
      'a=mid:0',
      'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=rtpmap:101 VP8/90000',
      'a=rtpmap:102 rtx/90000',
      'a=fmtp:102 apt=101',
      'a=rtcp-fb:101 nack',
      'a=rtcp-fb:101 nack pli',
      `a=ssrc:${ssrc} cname:${event.rtpParameters.rtcp.cname}`,
      `a=ssrc:${rtx.ssrc} cname:${event.rtpParameters.rtcp.cname}`,
      `a=ssrc-group:FID ${ssrc} ${rtx.ssrc}`,
    ])
      assert.ok(lines.some((written) => written.trim() === line), line);
    assert.ok(!lines.some((line) => line.includes(REMB) || line.includes(TRANSPORT_CC)));
  });
}

test('the hidden probator can be made of a video consumer', async () => {
  const device = await loadDevice('chromium156');
  const produced = await produce(device, 'video');
  const { rtpParameters } = negotiate('video', produced, device.recvRtpCapabilities);
  const probator = ortc.generateProbatorRtpParameters(rtpParameters);
  assert.notEqual(probator.codecs[0].payloadType, rtpParameters.codecs[0].payloadType);
  assert.notEqual(probator.encodings[0].ssrc, rtpParameters.encodings[0].ssrc);
});

test('a line break in a cname reaches nobody', async () => {
  const device = await loadDevice('chromium156');
  const produced = await produce(device, 'audio');
  produced.rtcp.cname = 'x\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host';
  const { error } = negotiate('audio', produced, device.recvRtpCapabilities);
  assert.equal(error, 'rtpParameters.rtcp.cname: has a character that is not allowed here');
});
