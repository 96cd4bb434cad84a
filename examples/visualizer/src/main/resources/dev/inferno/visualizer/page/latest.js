// Requests that cannot keep up.

/**
 * A function that loads what it is told, one request at a time: while one is on its way only the
 * latest wish is kept. show(wish, answer, failure); wishes that were passed over are never shown.
 */
export function latest(load, show) {
  let wish = null;
  let busy = false;
  return async next => {
    wish = next;
    if (busy) {
      return;
    }
    busy = true;
    while (wish !== null) {
      const current = wish;
      wish = null;
      try {
        const answer = await load(current);
        show(current, answer, null);
      } catch (e) {
        show(current, null, e);
      }
    }
    busy = false;
  };
}

/** Calls `action` at once, and again at most every so many milliseconds. */
export function atMostEvery(milliseconds, action) {
  let last = -Infinity;
  let timer = null;
  const act = () => {
    timer = null;
    last = performance.now();
    action();
  };
  return () => {
    if (timer === null) {
      const wait = last + milliseconds - performance.now();
      timer = wait <= 0 ? null : setTimeout(act, wait);
      if (timer === null) {
        act();
      }
    }
  };
}
