// The address of the page says what is selected.

import {select, state, subscribe} from './store.js';

const NUMBERS = ['step', 'token', 'layer', 'head', 'candidate'];

let mirroring = false;
let known = ''; // the fragment as this page last read or wrote it

/** Browsers allow only so many changes of the address. */
function mirrorSoon() {
  if (!mirroring) {
    mirroring = true;
    setTimeout(mirror, 200);
  }
}

function mirror() {
  mirroring = false;
  if (location.hash !== known) {
    return; // somebody has just typed another, which is about to be read
  }
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(state.selection)) {
    if (value !== null) {
      parameters.set(name, value);
    }
  }
  history.replaceState(null, '', '#' + parameters);
  known = location.hash;
}

function restore() {
  known = location.hash;
  const parameters = new URLSearchParams(known.slice(1));
  const patch = {};
  for (const name of NUMBERS) {
    if (/^\d{1,9}$/.test(parameters.get(name) ?? '')) {
      patch[name] = Number(parameters.get(name));
    }
  }
  for (const name of ['run', 'tab']) {
    if (parameters.has(name)) {
      patch[name] = parameters.get(name);
    }
  }
  if (Object.keys(patch).length > 0) {
    select(patch);
  } else {
    mirrorSoon();
  }
}

/** Begins to keep the selection and the address alike. */
export function mirrorSelection() {
  restore();
  addEventListener('hashchange', restore);
  subscribe(names => names.has('selection') && mirrorSoon());
}
