// The options of the format "livekit", with LiveKit's names (docs/livekit.md).

/** All members of a meeting have the same. */
export interface LivekitOptions {
  /** Whether there is a key that all members share. False: `setSharedKey` is refused. Default true. */
  sharedKey: boolean;
  /**
   * Goes into every key. Default "LKFrameEncryptionKey"; VideoSDK's is
   * "VideoSDKEncryptionRatchetSalt".
   */
  ratchetSalt: string;
  /** How many steps of the ratchet a sender may be ahead: 0 (default) to 16. */
  ratchetWindowSize: number;
  /**
   * How many frames in a row may fail before the ratchet window is tried with one in 16 only; -1 (default)
   * for 10. Whatever it is, every frame is tried with the key in use: forged frames silence nobody.
   */
  failureTolerance: number;
  /** Keys by index: 1 to 256, default 16. */
  keyringSize: number;
  /** 128 (default) or 256: the bits of AES. */
  keySize: 128 | 256;
}

const DEFAULTS: LivekitOptions = {
  sharedKey: true,
  ratchetSalt: "LKFrameEncryptionKey",
  ratchetWindowSize: 0,
  failureTolerance: -1,
  keyringSize: 16,
  keySize: 128,
};

const SALT_SIZE_MAX = 256;
export const KEY_INDEX_MAX = 255;

/** Throws a TypeError for what the format has no place for. */
export function readLivekitOptions(given: Partial<LivekitOptions>): LivekitOptions {
  const options = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof LivekitOptions)[])
    if (given[name] !== undefined) Object.assign(options, { [name]: given[name] });
  const { ratchetSalt, keySize } = options;
  const isSalt = typeof ratchetSalt === "string";
  if (!isSalt || new TextEncoder().encode(ratchetSalt).length > SALT_SIZE_MAX)
    throw new TypeError(`ratchetSalt must be a text of at most ${SALT_SIZE_MAX} bytes`);
  requireWhole("ratchetWindowSize", options.ratchetWindowSize, 0, 16);
  requireWhole("failureTolerance", options.failureTolerance, -1, 2 ** 31 - 1);
  requireWhole("keyringSize", options.keyringSize, 1, KEY_INDEX_MAX + 1);
  if (keySize !== 128 && keySize !== 256) throw new TypeError("keySize must be 128 or 256");
  return options;
}

/** Those that would change nothing in the format "sotto", so that nobody relies on them. */
export function refuseLivekitOptions(given: Partial<LivekitOptions>): void {
  const known: string[] = ["sharedKey", "ratchetWindowSize"];
  for (const name of Object.keys(DEFAULTS) as (keyof LivekitOptions)[])
    if (!known.includes(name) && given[name] !== undefined)
      throw new TypeError(`${name} is an option of frameFormat: "livekit"`);
  if (given.sharedKey === false)
    throw new TypeError('sharedKey: false is an option of frameFormat: "livekit"');
}

export function requireWhole(name: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw new TypeError(`${name} must be a whole number from ${least} to ${most}`);
}
