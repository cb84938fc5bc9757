// The frame format "sotto" as docs/frame-format.md says it, read once more and on Node's own crypto:
// what the core is compared with. Nothing of the core is in it.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

const TAG_SIZE = 16
const SUITES = {
    4: { hash: 'sha256', cipher: 'aes-128-gcm', keySize: 16, bit: 0 },
    5: { hash: 'sha512', cipher: 'aes-256-gcm', keySize: 32, bit: 8 },
}

const hmac = (hash, key, ...parts) =>
    parts.reduce((mac, part) => mac.update(part), createHmac(hash, key)).digest()

// RFC 5869.
function expand(hash, key, info, size) {
    const blocks = []
    for (let made = 0; made < size; made += blocks.at(-1).length)
        blocks.push(hmac(hash, key, blocks.at(-1) ?? '', info, Buffer.of(blocks.length + 1)))
    return Buffer.concat(blocks).subarray(0, size)
}

function bigEndian(value, size) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt(value))
    return bytes.subarray(8 - size)
}

const withSize = bytes => Buffer.concat([bigEndian(bytes.length, 2), bytes])

// The keys of one stream. `kind` is its number.
export function deriveStream(suite, roomSecret, roomId, participantId, streamId, kind) {
    const { hash, keySize } = SUITES[suite]
    const kid = (expand('sha256', roomSecret, 'sotto/1 kid', 4).readUInt32BE() | 0x80000000) >>> 0
    const name = [Buffer.from(roomId), Buffer.from(participantId), streamId].map(withSize)
    const info = Buffer.concat([Buffer.from('sotto/1 stream'), ...name, Buffer.of(kind)])
    const baseKey = expand('sha256', roomSecret, info, 32)
    const sframe = hmac(hash, '', baseKey)
    const label = text => Buffer.concat([Buffer.from(text), bigEndian(kid, 8), bigEndian(suite, 2)])
    return {
        suite, kid, baseKey,
        key: expand(hash, sframe, label('SFrame 1.0 Secret key '), keySize),
        salt: expand(hash, sframe, label('SFrame 1.0 Secret salt '), 12),
    }
}

// RFC 9605, section 4.3, with a key id of four bytes.
function sframeHeader(kid, counter) {
    const size = [0xff, 0xffff, 0xffffff].filter(limit => counter > limit).length + 1
    const isShort = counter < 8
    const config = 0x80 | (3 << 4) | (isShort ? counter : 8 | (size - 1))
    return Buffer.concat([Buffer.of(config), bigEndian(kid, 4),
        isShort ? Buffer.alloc(0) : bigEndian(counter, size)])
}

function nonce({ salt }, counter) {
    const bytes = Buffer.from(salt)
    bytes.writeUInt32BE((bytes.readUInt32BE(8) ^ counter) >>> 0, 8)
    return bytes
}

// SFrame header, ciphertext and tag.
export function sealSFrame(stream, counter, plaintext, ...metadata) {
    const header = sframeHeader(stream.kid, counter)
    const cipher = createCipheriv(SUITES[stream.suite].cipher, stream.key, nonce(stream, counter))
    cipher.setAAD(Buffer.concat([header, ...metadata]))
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    return Buffer.concat([header, ciphertext, cipher.getAuthTag()])
}

// The plaintext. Throws if the tag does not verify.
function openSFrame(stream, counter, sframe, ...metadata) {
    const header = sframeHeader(stream.kid, counter)
    if (!sframe.subarray(0, header.length).equals(header)) throw new Error('another SFrame header')
    const decipher =
        createDecipheriv(SUITES[stream.suite].cipher, stream.key, nonce(stream, counter))
    decipher.setAAD(Buffer.concat([header, ...metadata]))
    decipher.setAuthTag(sframe.subarray(-TAG_SIZE))
    const plaintext = decipher.update(sframe.subarray(header.length, -TAG_SIZE))
    decipher.final()
    return plaintext
}

// The NAL units of a byte stream, without start codes and the zeros before them.
function nalUnits(stream) {
    const units = []
    for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0;) {
        const next = stream.indexOf('000001', at + 3, 'hex')
        let end = next < 0 ? stream.length : next
        while (end > at + 3 && stream[end - 1] === 0) end--
        if (end > at + 3) units.push(stream.subarray(at + 3, end))
        at = next
    }
    return units
}

const START_CODE = Buffer.of(0, 0, 0, 1)

// What a packetizer sees of a frame, or null if there is no slice of two bytes.
function frontOfSlices(frame, typeOf, isParameterSet, isSlice) {
    const front = []
    for (const unit of nalUnits(frame)) {
        const type = typeOf(unit[0])
        if (isSlice(type)) {
            if (unit.length < 2) return null
            return Buffer.concat([...front, START_CODE, unit.subarray(0, 2)])
        }
        if (isParameterSet(type)) front.push(START_CODE, unit)
    }
    return null
}

const zerosAtEnd = bytes => {
    let count = 0
    while (count < bytes.length && bytes[bytes.length - 1 - count] === 0) count++
    return count
}

function escape(bytes, zeros) {
    const escaped = []
    for (const byte of bytes) {
        if (zeros >= 2 && byte <= 3) {
            escaped.push(3)
            zeros = 0
        }
        escaped.push(byte)
        zeros = byte === 0 ? zeros + 1 : 0
    }
    return Buffer.from(escaped)
}

function unescape(bytes, zeros) {
    const raw = []
    for (const byte of bytes) {
        const isEscape = zeros >= 2 && byte === 3
        if (!isEscape) raw.push(byte)
        zeros = byte === 0 ? zeros + 1 : 0
    }
    return Buffer.from(raw)
}

function leb128(value) {
    const bytes = []
    for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
    return Buffer.of(...bytes, value)
}

const none = Buffer.alloc(0)
const whole = { number: 0, front: () => none, isSealed: () => true }
const vp8 = {
    number: 1,
    front: frame => frame.subarray(0, frame[0] & 1 ? 3 : 10),
    takesFront: true,
}
const slices = (number, ...types) => ({
    number,
    front: frame => frontOfSlices(frame, ...types),
    escapes: true,
})
const h264 = slices(2, byte => byte & 0x1f, type => type === 7 || type === 8,
    type => type === 1 || type === 5)
const h265 = slices(3, byte => (byte >> 1) & 0x3f, type => type >= 32 && type <= 34,
    type => type <= 9 || (type >= 16 && type <= 21))
const av1 = {
    number: 4,
    front: (frame, isKeyFrame) => Buffer.of(isKeyFrame ? 0x0a : 0x32),
    hasSize: true,
}

// By the codecs' names.
const layouts = { other: whole, opus: whole, red: whole, vp9: whole, vp8, h264, h265, av1 }

// How a frame travels: layout, front, what of the front is authenticated, and the bytes sealed. Null
// if the frame is not sealed.
function plan(codec, frame, isKeyFrame, suite) {
    const isTooShort = codec === 'vp8' && frame.length < (frame[0] & 1 ? 3 : 10)
    const layout = isTooShort ? whole : layouts[codec]
    const front = layout.front(frame, isKeyFrame)
    if (!front) return null
    const mark = Buffer.of(0xe0 | SUITES[suite].bit | layout.number)
    const metadata = layout.escapes ? [mark] : [front, mark]
    const sealed = layout.takesFront ? frame.subarray(front.length) : frame
    return { layout, front, mark, metadata, sealed }
}

// The wire frame, or null if the frame is not sealed.
export function seal(stream, counter, codec, frame, isKeyFrame) {
    const way = plan(codec, frame, isKeyFrame, stream.suite)
    if (!way) return null
    const sframe = sealSFrame(stream, counter, way.sealed, ...way.metadata)
    const rest = Buffer.concat([sframe, way.mark])
    if (way.layout.escapes)
        return Buffer.concat([way.front, escape(rest, zerosAtEnd(way.front))])
    return Buffer.concat([way.front, way.layout.hasSize ? leb128(rest.length) : none, rest])
}

// The frame in a wire frame whose front is known, as the sender's is. Throws if it does not open.
export function open(stream, counter, codec, frame, isKeyFrame, wire) {
    const { layout, front, mark, metadata } = plan(codec, frame, isKeyFrame, stream.suite)
    let rest = wire.subarray(front.length)
    if (layout.escapes) rest = unescape(rest, zerosAtEnd(front))
    if (layout.hasSize) {
        const size = rest.findIndex(byte => byte < 128) + 1
        if (!leb128(rest.length - size).equals(rest.subarray(0, size))) throw new Error('size')
        rest = rest.subarray(size)
    }
    if (!wire.subarray(0, front.length).equals(front)) throw new Error('another front')
    if (!rest.subarray(-1).equals(mark)) throw new Error('another mark')
    const opened = openSFrame(stream, counter, rest.subarray(0, -1), ...metadata)
    return layout.takesFront ? Buffer.concat([front, opened]) : opened
}
