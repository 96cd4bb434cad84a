// What the next run is to continue, and how tokens are chosen.

import {fill, h} from '../dom.js';
import {fixed, spoken, visible} from '../format.js';
import * as store from '../store.js';
import {whileTyping} from '../tokenizer.js';

const {state, subscribe} = store;

const FIRST_PENALTY = 4; // of the sliders
const SHOWN_TOKENS = 120;
const DIGITS = 1000; // three behind the point, which a float of the server keeps exactly

/** from, to: of the slider; least, most: what the number may be. */
const SLIDERS = [
  {name: 'temperature', label: 'Temperature', from: 0, to: 2, step: 0.05, least: 0, most: 100,
    words: 'Low plays safe, high takes chances.'},
  {name: 'topK', label: 'Top-k', from: 0, to: 200, step: 1, least: 0, most: 1e6,
    words: 'Only the k likeliest may be chosen; 0: all.'},
  {name: 'topP', label: 'Top-p', from: 0, to: 1, step: 0.01, least: 0, most: 1,
    words: 'Only the likeliest that make up this share.'},
  {name: 'minP', label: 'Min-p', from: 0, to: 1, step: 0.01, least: 0, most: 1,
    words: 'Only those not far behind the best; 0: all.'},
  {name: 'repetitionPenalty', label: 'Repetition penalty', from: 0.5, to: 2, step: 0.05, least: 0.001, most: 100,
    words: 'Above 1: what was said is less likely.'},
  {name: 'frequencyPenalty', label: 'Frequency penalty', from: -2, to: 2, step: 0.1, least: -100, most: 100,
    words: 'The more often said, the less likely.'},
  {name: 'presencePenalty', label: 'Presence penalty', from: -2, to: 2, step: 0.1, least: -100, most: 100,
    words: 'Said once is enough to be less likely.'},
  {name: 'penaltyLastN', label: 'Penalties look back', from: -1, to: 256, step: 1, least: -1, most: 1e6,
    words: 'How many tokens back; −1: all, 0: none.'}
];

export function mount(root) {
  const reason = h('p', {class: 'warning', id: 'control-reason'});
  const fields = h('fieldset', {class: 'plain'}, promptPart(), samplerPart());
  root.append(h('h2', {}, 'Prompt'), reason, fields);
  fields.disabled = !state.canControl;
  if (!state.canControl) {
    reason.textContent = 'This page may only watch. To generate, open the address that the program printed: it has a token.';
  }
  openWhenReady();
}

function promptPart() {
  const prompt = h('textarea', {id: 'prompt', rows: '4', 'aria-label': 'Prompt', spellcheck: 'false',
    oninput: () => store.setDraft({prompt: prompt.value}),
    onkeydown: event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        go();
      }
    }});
  const special = h('input', {type: 'checkbox', id: 'parse-special', onchange: () => store.setDraft({parseSpecial: special.checked})});
  const count = h('input', {type: 'number', id: 'max-tokens', min: '1', max: '100000', step: '1', required: true, onchange: () => {
    store.setDraft({maxTokens: clamped(Number(count.value) || 64, 1, 100000, true)});
    count.value = state.draft.maxTokens;
  }});
  const seed = h('input', {id: 'seed', inputmode: 'numeric', placeholder: 'a fresh one', autocomplete: 'off', 'aria-describedby': 'seed-note',
    oninput: () => {
      const value = normalSeed(seed.value);
      seed.setAttribute('aria-invalid', value === null);
      if (value !== null) {
        store.setSeed(value);
      }
      note();
    }});
  const seedNote = h('span', {id: 'seed-note', class: 'faint'});
  const preview = h('div', {class: 'token-strip', 'aria-label': 'The tokens of the prompt'});
  const worker = h('span', {id: 'worker', class: 'faint', role: 'status'});
  const button = h('button', {id: 'generate', class: 'primary', onclick: go}, 'Generate');

  async function go() {
    if (state.canControl && seed.getAttribute('aria-invalid') !== 'true') {
      button.disabled = true;
      await store.generate();
      button.disabled = false;
      showWorker();
    }
  }

  function note() {
    const meta = store.run()?.meta;
    const keep = h('button', {class: 'small', title: 'Put this seed into the box: the next run draws the same numbers', onclick: () => store.setSeed(meta.seed)}, 'keep it');
    fill(seedNote, ...(seed.getAttribute('aria-invalid') === 'true' ? ['A seed is a whole number of 64 bits.']
        : !meta ? []
        : meta.seed === state.seed ? ['the seed of this run']
        : ['this run had ', h('span', {class: 'mono seed'}, meta.seed), ' ', keep]));
  }

  function showWorker() {
    const {status, run, queued} = state.worker;
    const ready = state.model?.status === 'ready';
    button.disabled = !ready;
    button.title = !state.canControl ? 'This page may only watch' : 'Ctrl+Enter';
    worker.textContent = !ready ? 'The model is not ready yet.'
        : run && status === 'paused' ? 'Paused.' + waiting(queued)
        : run ? 'Generating …' + waiting(queued)
        : state.canControl ? 'The model waits for you.' : 'The model is idle.';
  }

  const tokens = whileTyping(found => fill(preview, ...strip(found)));

  function showDraft() {
    const {draft} = state;
    if (prompt.value !== draft.prompt) {
      prompt.value = draft.prompt;
    }
    special.checked = draft.parseSpecial;
    if (document.activeElement !== count) {
      count.value = draft.maxTokens;
    }
    tokens(draft.prompt, draft.parseSpecial);
  }

  showDraft();
  showWorker();
  subscribe(changed => {
    if (changed.has('draft') || changed.has('model')) {
      showDraft();
    }
    if (changed.has('worker') || changed.has('model')) {
      showWorker();
    }
    if (changed.has('sampler') && normalSeed(seed.value) !== state.seed) {
      seed.value = state.seed;
      seed.setAttribute('aria-invalid', 'false');
    }
    if (changed.has('sampler') || changed.has('runs') || changed.has('selection')) {
      noteOnce();
    }
  });

  let noted = '';
  function noteOnce() {
    const now = [store.run()?.meta.seed, state.seed].join(' ');
    if (now !== noted) {
      noted = now;
      note();
    }
  }

  return h('div', {class: 'stack'},
      h('p', {class: 'faint'}, 'The text that the model goes on with.'),
      prompt,
      h('label', {}, special, 'special tokens are parsed'),
      preview,
      h('div', {class: 'pair'},
          h('label', {for: 'max-tokens'}, 'Tokens'), count,
          h('label', {for: 'seed'}, 'Seed'), seed),
      seedNote,
      h('div', {class: 'go'}, button, worker));
}

const waiting = queued => (queued > 0 ? ` ${queued} more wait${queued === 1 ? 's' : ''}.` : '');

/** A seed as the server writes it, '' for none, null if it is no seed. */
function normalSeed(text) {
  const trimmed = text.trim();
  if (trimmed === '') {
    return '';
  }
  if (!/^[+-]?\d{1,20}$/.test(trimmed)) {
    return null;
  }
  const value = BigInt(trimmed.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value.toString() : null;
}

function strip(tokens) {
  if (tokens === null) {
    return [];
  }
  const shown = tokens.slice(0, SHOWN_TOKENS).map((token, i) => h('span', {
    class: token.special ? 'chip' : i % 2 ? 'piece odd' : 'piece', title: spoken(token)
  }, visible(token)));
  const more = tokens.length - shown.length;
  return [...shown, h('span', {class: 'faint'}, (more > 0 ? ` and ${more} more; ` : ' ') + tokens.length + ' tokens')];
}

function samplerPart() {
  const rows = SLIDERS.map(slider);
  const penalties = h('details', {}, h('summary', {}, 'Against repetition'), rows.slice(FIRST_PENALTY).map(row => row.element));
  const greedy = h('input', {type: 'checkbox', id: 'greedy', onchange: () => store.setSampler({greedy: greedy.checked})});
  const idle = h('span', {class: 'faint'});
  const applied = h('p', {class: 'applied', id: 'applied', role: 'status'});
  const calm = 'The model gives every token a probability; these settings choose one. Move one and see.';
  const back = h('button', {class: 'small', onclick: () => {
    store.setSampler({...store.run().meta.sampler});
    store.setSeed('');
  }}, 'as this run had it');
  const reset = h('button', {class: 'small', onclick: () => store.setSampler(store.defaultSampler())}, 'defaults');

  function show() {
    rows.forEach(row => row.show());
    greedy.checked = state.sampler.greedy;
    idle.textContent = state.sampler.greedy ? 'the sliders above are idle' : 'always the likeliest';
    const differ = store.slidersDiffer();
    back.disabled = !differ;
    const step = store.stepNumber();
    applied.classList.toggle('differs', differ);
    applied.textContent = !differ ? calm
        : !store.isKept(store.run(), step) ? `The logits of step ${step} are not kept any more, so nothing is re-applied to it. The next run is chosen this way.`
        : store.isResampled() ? `Re-applied to step ${step}; the text stays as it was. The next run is chosen this way.`
        : 'The next run is chosen this way; the text stays as it was.';
  }

  show();
  subscribe(changed => {
    if (['sampler', 'selection', 'resampled', 'runs'].some(name => changed.has(name))) {
      show();
    }
  });
  return h('div', {class: 'stack', id: 'sampler'},
      h('h2', {}, 'How a token is chosen'),
      applied,
      rows.slice(0, FIRST_PENALTY).map(row => row.element),
      penalties,
      h('label', {}, greedy, 'Greedy', idle),
      h('div', {class: 'go'}, back, reset));
}

function slider({name, label, from, to, step, least, most, words}) {
  const whole = step === 1;
  const move = value => store.setSampler({[name]: clamped(value, least, most, whole)});
  const range = h('input', {type: 'range', min: from, max: to, step, id: 'slider-' + name, 'aria-label': label,
    oninput: () => move(Number(range.value))});
  const exact = h('input', {type: 'number', min: least, max: most, step: whole ? 1 : 'any', id: 'exact-' + name,
    'aria-label': label + ', exact', 'aria-describedby': 'words-' + name,
    oninput: () => exact.value !== '' && exact.checkValidity() && move(Number(exact.value)),
    onchange: () => {
      move(exact.value === '' ? state.sampler[name] : Number(exact.value));
      exact.value = state.sampler[name];
    }});
  return {
    element: h('div', {class: 'slider'},
        h('label', {for: 'slider-' + name}, label), exact, range,
        h('p', {class: 'faint', id: 'words-' + name}, words)),
    show() {
      const value = state.sampler[name];
      range.value = value;
      range.setAttribute('aria-valuetext', fixed(value, whole ? 0 : 2));
      if (document.activeElement !== exact) {
        exact.value = value;
      }
    }
  };
}

function clamped(value, least, most, whole) {
  const inside = Math.min(most, Math.max(least, value));
  return whole ? Math.round(inside) : Math.round(inside * DIGITS) / DIGITS;
}

/** The first thing that one sees is text that is being made: the page starts one run by itself. */
function openWhenReady() {
  if (!state.canControl) {
    return;
  }
  const unsubscribe = subscribe(() => {
    if (!state.settled || state.model?.status !== 'ready') {
      return;
    }
    unsubscribe();
    if (!store.anyLiveRun() && state.dropped === 0 && state.worker.run === undefined && state.worker.queued === 0) {
      store.generate();
    }
  });
}
