// What the page is connected to, what went wrong, and the tools in the corner.

import {fill, h} from '../dom.js';
import {big, bytes} from '../format.js';
import {state, subscribe} from '../store.js';

const THEME = 'inferno-theme';
const SPOKEN_MILLIS = 2000;
const LINKS = {connecting: 'connecting …', open: 'connected', lost: 'connection lost, trying again …'};

export function mount(root) {
  document.getElementById('tools').append(themeSwitch(), helpButton());
  const link = h('span', {id: 'link'});
  const model = h('span', {id: 'model'});
  const dropped = h('span', {id: 'dropped', class: 'warning'});
  root.append(link, model, dropped);
  const notice = document.getElementById('notice');
  subscribe(changed => {
    if (changed.has('link')) {
      link.className = 'link-' + state.link;
      link.textContent = LINKS[state.link];
    }
    if (changed.has('model')) {
      fill(model, ...card(state.model));
    }
    if (changed.has('dropped')) {
      dropped.textContent = state.dropped === 0 ? '' : `${state.dropped} events are not here: they came long before this page, or it was too slow`;
    }
    if (changed.has('failure')) {
      notice.textContent = state.failure;
    }
  });
  subscribe(speaker());
  link.textContent = LINKS[state.link];
}

function card(model) {
  switch (model?.status) {
    case 'loading': {
      const of = model.total ? `${bytes(model.bytes)} of ${bytes(model.total)}` : '';
      return [
        `Loading ${model.name} … `,
        h('progress', {max: model.total || 1, value: model.total ? model.bytes : null, 'aria-label': 'Loading the model'}),
        ' ' + of
      ];
    }
    case 'failed':
      return [h('span', {class: 'warning'}, `${model.name} could not be loaded: ${model.message}`)];
    case 'ready': {
      const {name, architecture, layers, heads, parameters, quantization, sizeBytes} = model.info;
      return [
        h('strong', {title: 'the model'}, name),
        h('span', {title: 'the architecture: how the model is built'}, architecture),
        h('span', {title: 'layers, one behind the other, times attention heads in each'}, `${layers} layers × ${heads} heads`),
        h('span', {title: parameters + ' parameters: the numbers that the model learned'}, big(parameters) + ' parameters'),
        h('span', {title: 'how each of the numbers is stored'}, quantization),
        h('span', {title: sizeBytes + ' bytes'}, bytes(sizeBytes))
      ];
    }
    default:
      return [];
  }
}

function themeSwitch() {
  const theme = localStorage.getItem(THEME) ?? 'system';
  const select = h('select', {'aria-label': 'Colours', id: 'theme', onchange: () => setTheme(select.value)},
      [['system', 'System colours'], ['light', 'Light'], ['dark', 'Dark']].map(([value, text]) => h('option', {value}, text)));
  select.value = theme;
  setTheme(select.value || 'system');
  return select;
}

function setTheme(theme) {
  localStorage.setItem(THEME, theme);
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

const helpButton = () => h('button', {
  id: 'help-button', 'aria-label': 'Help and keys', title: 'Help and keys (?)',
  onclick: () => document.getElementById('help').showModal()
}, '?');

/** Says sentences about runs to screen readers, of those that come at once the last. */
function speaker() {
  const spoken = document.getElementById('spoken');
  const begun = new Set();
  const ended = new Set();
  let sentence = '';
  let last = 0;
  let waiting = false;
  const speak = () => {
    waiting = false;
    last = performance.now();
    spoken.textContent = sentence;
  };
  return changed => {
    if (!changed.has('runs') && !changed.has('run')) {
      return;
    }
    const before = sentence;
    for (const run of latestRuns()) {
      if (!begun.has(run)) {
        begun.add(run);
        sentence = state.settled && !run.meta.recorded ? 'Generation began' : sentence;
      }
      if (run.end && !ended.has(run)) {
        ended.add(run);
        sentence = state.settled && !run.meta.recorded
            ? `Generation ended: ${run.end.generatedTokens} tokens, ${run.end.reason}` : sentence;
      }
    }
    if (sentence !== before && !waiting) {
      waiting = true;
      setTimeout(speak, Math.max(0, last + SPOKEN_MILLIS - performance.now()));
    }
  };
}

/** The latest few: the older ones have been spoken of. */
const latestRuns = () => [...state.runs.values()].slice(-20);
