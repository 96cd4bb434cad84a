// Tokens and candidates as several views show them.

import {h} from './dom.js';
import * as format from './format.js';
import * as store from './store.js';

/** A token to be read: what cannot be seen made visible, special ones as chips. */
export const mark = (token, attributes = {}) => h('span', {
  class: token.special ? 'mono chip' : 'mono', title: format.spoken(token), ...attributes
}, format.visible(token) || '∅');

/** The token at a position of a run, or null: of the prompt, or chosen. */
export function tokenAt(run, position) {
  const index = position - run.firstPosition;
  return run.prompt[index] ?? run.steps[index - run.prompt.length]?.sampling?.selection.token ?? null;
}

/** The number of the step in which a position passed through the model; it may not be there yet. */
export const stepOf = (run, position) => Math.max(0, position - run.firstPosition - run.prompt.length + 1);

/** From an id to its token, of those that a sampling knows; others by their number. */
export function namer(sampling) {
  const tokens = new Map(sampling.candidates.map(({token}) => [token.id, token]));
  return id => tokens.get(id) ?? {id, piece: '#' + id, text: '#' + id, bytes: '', special: false};
}

/** Marks the candidate under the mouse, or else the selected one, wherever a view shows it. */
export function light(root) {
  const id = String(store.state.hover.candidate ?? store.state.selection.candidate ?? '');
  for (const lit of root.querySelectorAll('.lit')) {
    lit.classList.remove('lit');
  }
  if (id !== '') {
    for (const each of root.querySelectorAll(`[data-candidate="${CSS.escape(id)}"]`)) {
      each.classList.add('lit');
    }
  }
}

/**
 * Makes what is marked with data-candidate in an element answer to the mouse, and its arrow keys
 * move through the ids that `order` gives.
 */
export function selectable(element, order) {
  const idOf = event => {
    const id = event.target.closest?.('[data-candidate]')?.dataset.candidate;
    return id === undefined ? null : Number(id);
  };
  element.addEventListener('mouseover', event => {
    const candidate = idOf(event);
    if (candidate !== (store.state.hover.candidate ?? null)) {
      store.hover(candidate === null ? null : {candidate});
    }
  });
  element.addEventListener('mouseleave', () => store.hover(null));
  element.addEventListener('click', event => {
    const candidate = idOf(event);
    if (candidate !== null) {
      store.select({candidate});
    }
  });
  element.addEventListener('keydown', event => {
    const ids = order();
    const at = ids.indexOf(store.state.selection.candidate);
    const to = {
      ArrowUp: at - 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowRight: at + 1, Home: 0, End: ids.length - 1,
      PageUp: at - 10, PageDown: at + 10
    }[event.key];
    if (to === undefined || ids.length === 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    store.select({candidate: ids[Math.min(ids.length - 1, Math.max(0, to))]});
  });
}

/** Where the numbers of a sampling come from, as attributes of the element that shows them. */
export const origin = resampled => (resampled
  ? {'data-resampled': 'true'}
  : {'data-run': store.state.selection.run, 'data-step': store.stepNumber()});
