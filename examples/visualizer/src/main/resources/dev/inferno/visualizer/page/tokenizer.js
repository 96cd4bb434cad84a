// The tokens of a text, by the server, where this page may ask it.

import {post} from './wire.js';
import {fail, state} from './store.js';

/** The placed tokens, or null if they cannot be known: no model yet, or a page that only watches. */
export async function tokenize(text, parseSpecial) {
  if (!state.canControl || state.model?.status !== 'ready') {
    return null;
  }
  try {
    return (await post('tokenize', {text, parseSpecial})).tokens;
  } catch (e) {
    fail(e.message);
    return null;
  }
}

/** Tokenizes what is typed, a while after the last key: gives a function (text, parseSpecial); show(tokens). */
export function whileTyping(show, millis = 200) {
  let timer = 0;
  let latest = 0;
  return (text, parseSpecial) => {
    const mine = ++latest;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const tokens = await tokenize(text, parseSpecial);
      if (mine === latest) {
        show(tokens);
      }
    }, millis);
  };
}
