// Asks again and again until the answer is good.

import { setTimeout as sleep } from "node:timers/promises";

/** Fails with the last answer, in the name of who asked. */
export async function until<Answer>(
  who: string,
  ask: () => Promise<Answer>,
  isGood: (answer: Answer) => boolean,
  timeoutMs: number,
): Promise<Answer> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    if (Date.now() > end)
      throw new Error(`${who}: still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
    await sleep(50);
  }
}
