// A WebSocket client that can also break the rules: frames are made by hand (RFC 6455, section 5).
import { createHash, randomBytes } from 'node:crypto';

export const text = 1, binary = 2, close = 8, ping = 9, pong = 10;

export function frame(opcode, payload, { final = true, masked = true, reserved = 0, form } = {}) {
    const data = Buffer.from(payload);
    form ??= data.length < 126 ? data.length : data.length < 65536 ? 126 : 127;
    const head = [(final ? 0x80 : 0) | reserved | opcode, (masked ? 0x80 : 0) | form];
    const size = Buffer.alloc(form === 127 ? 8 : form === 126 ? 2 : 0);
    if (form === 126) size.writeUInt16BE(data.length);
    if (form === 127) size.writeBigUInt64BE(BigInt(data.length));
    if (!masked) return Buffer.concat([Buffer.from(head), size, data]);
    const mask = randomBytes(4);
    return Buffer.concat([Buffer.from(head), size, mask, data.map((byte, i) => byte ^ mask[i & 3])]);
}

export function handshake({ path = '/signal', key = randomBytes(16).toString('base64'),
    protocol = 'sotto.1', version = '13', extra = '', host = 'localhost' } = {}) {
    return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: ${version}\r\n` +
        (protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : '') + `${extra}\r\n`;
}

export function acceptOf(key) {
    return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

export class Client {
    static async open(server, options = {}) {
        const client = new Client();
        const key = randomBytes(16).toString('base64');
        client.raw = server.connect(options.connect);
        client.raw.send(handshake({ key, ...options }));
        await client.raw.until((raw) => raw.text.includes('\r\n\r\n'));
        client.head = client.raw.text.slice(0, client.raw.text.indexOf('\r\n\r\n') + 4);
        if (!client.head.startsWith('HTTP/1.1 101')) throw new Error(client.head);
        if (!client.head.includes(acceptOf(key))) throw new Error('wrong accept');
        client.raw.received = client.raw.received.subarray(client.head.length);
        client.frames = [];
        return client;
    }

    send(payload, opcode = text, options = {}) {
        this.raw.send(frame(opcode, payload, options));
        return this;
    }

    // Moves complete frames from the received bytes to this.frames; answers pings.
    parse() {
        for (;;) {
            const data = this.raw.received;
            if (data.length < 2) return;
            const form = data[1] & 127;
            const head = form === 126 ? 4 : form === 127 ? 10 : 2;
            if (data.length < head) return;
            const size = form === 126 ? data.readUInt16BE(2)
                : form === 127 ? Number(data.readBigUInt64BE(2)) : form;
            if (data.length < head + size) return;
            const got = { opcode: data[0] & 15, payload: data.subarray(head, head + size) };
            this.raw.received = data.subarray(head + size);
            if (got.opcode === ping && this.answersPings !== false) this.send(got.payload, pong);
            this.frames.push(got);
        }
    }

    // The next frame of that kind; null if the peer ends before it.
    async next(opcode = text, timeoutMs = 5000) {
        const limit = Date.now() + timeoutMs;
        for (;;) {
            this.parse();
            const at = this.frames.findIndex((got) => got.opcode === opcode);
            if (at >= 0) return this.frames.splice(at, 1)[0];
            if (this.raw.ended) return null;
            if (Date.now() > limit) throw new Error(`no frame ${opcode} came`);
            await new Promise((resolve) => setTimeout(resolve, 3));
        }
    }

    async nextText(timeoutMs) {
        return (await this.next(text, timeoutMs))?.payload.toString();
    }

    // The code of the close frame; 1006 if the connection ends without one.
    async closeCode(timeoutMs) {
        const got = await this.next(close, timeoutMs);
        if (!got) return 1006;
        return got.payload.length >= 2 ? got.payload.readUInt16BE(0) : 1005;
    }
}
