// The limits of the server: what one peer, one request or one connection may cost.
#ifndef SOTTO_SERVER_LIMITS_H
#define SOTTO_SERVER_LIMITS_H

enum {
    // A request head that is larger is answered with 431. A token that carries every claim Sotto
    // knows stays under 2 KiB, so 16 KiB leaves room for the cookies of a shared host.
    SOTTO_HTTP_HEAD_SIZE_MAX = 16384,
    // REST bodies are small objects; larger ones are answered with 413.
    SOTTO_HTTP_BODY_SIZE_MAX = 65536,
    // Handshake of TLS and request head together, so that one byte a second holds nothing for long.
    SOTTO_HTTP_HEAD_TIMEOUT_MS = 10000,
    SOTTO_HTTP_BODY_TIMEOUT_MS = 15000,
    // A response must be taken at this speed at least, after a grace of SOTTO_HTTP_HEAD_TIMEOUT_MS.
    SOTTO_HTTP_RESPONSE_BYTES_PER_MS_MIN = 4,
    // After the last byte the server reads on for a moment, so that a reset does not overtake it.
    SOTTO_HTTP_LINGER_TIMEOUT_MS = 2000,
    SOTTO_HTTP_LINGER_SIZE_MAX = 262144,

    // A message of 256 KiB comes in pieces of 4 KiB; more pieces than this are a flood of tiny
    // frames.
    SOTTO_WEBSOCKET_PIECE_COUNT_MAX = 1024,
    // Before the signalling admits a connection it may only say who it is.
    SOTTO_WEBSOCKET_FIRST_SIZE_MAX = 32768,
    SOTTO_WEBSOCKET_ADMISSION_TIMEOUT_MS = 5000,
    SOTTO_WEBSOCKET_PING_INTERVAL_MS = 3000,
    SOTTO_WEBSOCKET_SILENCE_MS = 8000,
    SOTTO_WEBSOCKET_CLOSE_TIMEOUT_MS = 2000,

    // Joins and resumes of one network: as many at once, and as many in this time. An office behind
    // one address has limits.connections_per_network connections, 256: all of it can join and lose
    // its network within the same minute and still come back. Who joins and leaves all day long
    // comes to 10 a second, each of which tells every other participant up to 9 KiB: in a room of
    // 75 less than 7 MB/s. Without a limit it was what the control thread could write.
    SOTTO_JOINS_PER_NETWORK_DEFAULT = 600,
    SOTTO_JOINS_PERIOD_MS = 60000,

    // RFC 7518, section 3.2: a key as large as the hash output, 256 bits for HS256, must be used.
    SOTTO_SECRET_SIZE_MIN = 32,
    SOTTO_TOKEN_SIZE_MAX = 8192,
    SOTTO_JSON_DEPTH_MAX = 16,
    SOTTO_CUSTOM_ROOM_ID_SIZE_MAX = 128,
    SOTTO_PARTICIPANT_ID_SIZE_MAX = 64, // docs/signalling.md
};

#endif
