// The keys of the whole page, and the help that lists them.

import {h} from '../dom.js';
import {selectLeastConfident, toggle} from '../play.js';
import * as store from '../store.js';

const {state} = store;

const FIELDS = 'input, textarea, select, [contenteditable]';
const PRESSED_BY_SPACE = 'button, summary, a, [role=tab]';

const KEYS = [
  ['← →', 'the step before, the next one; with Shift ten at once'],
  ['Space', 'play or pause'],
  ['↑ ↓', 'the likelier, the less likely candidate'],
  ['[ ]', 'the layer below, above'],
  ['{ }', 'the attention head before, the next one'],
  ['/', 'the least confident step; again: the next least confident'],
  ['Esc', 'lets go of what is selected and follows the latest step again'],
  ['Ctrl+Enter', 'in the prompt: generate'],
  ['?', 'this help']
];

export function mount() {
  const help = document.getElementById('help');
  help.setAttribute('aria-labelledby', 'help-title');
  help.append(
      h('h2', {id: 'help-title'}, 'What this page shows'),
      h('p', {}, 'A language model writes one token, a word or a piece of one, after the other. For each it gives every '
          + 'token it knows a probability; a sampler then chooses one. Every number here is what the model did, or '
          + 'where it is marked so what the sliders would choose: '
          + 'hover over anything for its exact value, click to look closer.'),
      h('h2', {}, 'Keys'),
      h('dl', {class: 'keys'}, KEYS.map(([key, words]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, words)]).flat()),
      h('button', {onclick: () => help.close()}, 'Close'));
  addEventListener('keydown', event => {
    const free = !event.defaultPrevented && !event.ctrlKey && !event.altKey && !event.metaKey
        && !help.open && !event.target.closest?.(FIELDS);
    if (free && press(event, help)) {
      event.preventDefault();
    }
  });
}

/** True if the key meant something. */
function press(event, help) {
  const by = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case 'ArrowLeft': store.setReplaying(false); store.moveStep(-by); return true;
    case 'ArrowRight': store.setReplaying(false); store.moveStep(by); return true;
    case 'ArrowUp': return moveCandidate(event, -1);
    case 'ArrowDown': return moveCandidate(event, 1);
    case ' ':
      if (event.target.closest?.(PRESSED_BY_SPACE)) {
        return false;
      }
      toggle();
      return true;
    case '[': return move('layer', -1, 'layers');
    case ']': return move('layer', 1, 'layers');
    case '{': return move('head', -1, 'heads');
    case '}': return move('head', 1, 'heads');
    case '/': selectLeastConfident(); return true;
    case 'Escape':
      store.setReplaying(false);
      store.hover(null);
      store.select({step: null, token: null, candidate: null});
      return true;
    case '?': help.showModal(); return true;
    default: return false;
  }
}

function moveCandidate(event, by) {
  const candidates = store.sampling()?.candidates ?? [];
  if (candidates.length === 0 || event.target.closest?.('.long-table')) { // which scrolls
    return false;
  }
  const at = candidates.findIndex(({token}) => token.id === state.selection.candidate);
  const to = at < 0 ? (by > 0 ? 0 : candidates.length - 1) : Math.min(candidates.length - 1, Math.max(0, at + by));
  store.select({candidate: candidates[to].token.id});
  return true;
}

function move(name, by, count) {
  const many = (store.run()?.meta.model ?? state.model?.info)?.[count] ?? 1;
  store.select({[name]: Math.min(many - 1, Math.max(0, state.selection[name] + by))});
  return true;
}
