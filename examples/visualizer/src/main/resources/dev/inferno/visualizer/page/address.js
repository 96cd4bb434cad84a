// The address of the page says what is selected.

import {select, state, subscribe} from './store.js';

const NUMBERS = ['step', 'token', 'layer', 'head', 'candidate'];

let mirroring = false;

/** Browsers allow only so many changes of the address. */
function mirrorSoon() {
  if (!mirroring) {
    mirroring = true;
    setTimeout(mirror, 200);
  }
}

function mirror() {
  mirroring = false;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(state.selection)) {
    if (value !== null) {
      parameters.set(name, value);
    }
  }
  history.replaceState(null, '', '#' + parameters);
}

function restore() {
  const parameters = new URLSearchParams(location.hash.slice(1));
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
  }
}

/** Begins to keep the selection and the address alike. */
export function mirrorSelection() {
  restore();
  addEventListener('hashchange', restore);
  subscribe(names => names.has('selection') && mirrorSoon());
}
