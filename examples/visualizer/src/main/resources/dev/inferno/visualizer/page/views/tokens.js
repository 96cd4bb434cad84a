// How text becomes tokens: of a text that is typed, and of the selected run.

import {field, h} from '../dom.js';
import {visible} from '../format.js';
import {longTable} from '../rows.js';
import * as store from '../store.js';
import {whileTyping} from '../tokenizer.js';

const {state, subscribe} = store;

export function mount(root) {
  const typed = typedPart();
  const context = contextPart();
  root.append(h('div', {class: 'halves'}, typed.element, context.element));
  subscribe(changed => {
    if (changed.has('model') || changed.has('draft')) {
      typed.refresh();
    }
    if (root.hidden) {
      return;
    }
    if (['runs', 'run', 'selection'].some(name => changed.has(name))) {
      context.show();
    }
  });
}

function typedPart() {
  const text = h('textarea', {id: 'tokenize', rows: '3', spellcheck: 'false', 'aria-label': 'Text to cut into tokens', oninput: () => {
    touched = true;
    ask();
  }});
  const special = h('input', {type: 'checkbox', checked: true, onchange: () => ask()});
  const strip = h('p', {class: 'token-strip'});
  const count = h('p', {class: 'faint', role: 'status'});
  const table = longTable('The tokens of the text', ['#Token', 'Piece', '#Id', 'Bytes', 'Chars', 'Special']);
  let touched = false; // until then it has the prompt
  let tokens = [];
  const tokenize = whileTyping(found => {
    tokens = found ?? [];
    count.textContent = found === null ? why()
        : `${text.value.length} characters became ${tokens.length} tokens; a token that the model puts before the text has no characters.`;
    strip.replaceChildren(...tokens.slice(0, 200).map((token, i) => h('span', {
      class: token.special ? 'chip' : i % 2 ? 'piece odd' : 'piece', title: `id ${token.id}`
    }, visible(token))));
    table.show(tokens.length, i => row(tokens[i], i));
  }, 120);
  const ask = () => tokenize(text.value, special.checked);
  return {
    element: h('div', {class: 'stack'},
        h('h2', {}, 'Type a text'),
        h('p', {class: 'faint'}, 'A model reads no letters: the text is cut into tokens, and each is a number, its id.'),
        text, h('label', {}, special, 'special tokens are parsed'), strip, count, table.element),
    refresh() {
      if (!touched) {
        text.value = state.draft.prompt;
        special.checked = state.draft.parseSpecial;
      }
      ask();
    }
  };
}

const why = () => (state.canControl ? 'The model is not ready yet.' : 'This page may only watch, and cutting a text needs the token.');

const row = (token, i) => h('tr', {},
    h('td', {class: 'number'}, i),
    h('td', {class: 'mono'}, h('span', {class: token.special ? 'chip' : 'piece'}, visible(token)),
        token.piece === token.text ? '' : h('span', {class: 'faint', title: 'as the vocabulary has it'}, ' ' + token.piece)),
    h('td', {class: 'number'}, token.id),
    h('td', {class: 'mono bytes', title: token.bytes}, token.bytes.replace(/..(?=.)/g, '$& ')),
    h('td', {}, token.charStart === token.charEnd ? 'none' : `${token.charStart}–${token.charEnd}`),
    h('td', {}, token.special ? 'special' : ''));

function contextPart() {
  const table = longTable('The context of the run', ['#Position', 'Token', '#Id', 'From']);
  const caption = h('p', {class: 'faint'});
  let shown = '';
  return {
    element: h('div', {class: 'stack'},
        h('h2', {}, 'The context of the run'), caption, table.element),
    show() {
      const run = store.run();
      const number = store.stepNumber();
      const now = [run?.meta.run, run?.prompt.length, number, state.selection.token].join(' ');
      if (now === shown) {
        return;
      }
      shown = now;
      const prompt = run?.prompt ?? [];
      const count = prompt.length + Math.max(0, number);
      caption.textContent = run
          ? `What the model had before it at step ${number}: ${prompt.length} tokens of the prompt and ${Math.max(0, number)} of its own.`
          : 'No run yet.';
      table.show(count,
          i => (i < prompt.length ? promptRow(run, prompt[i], i) : stepRow(run, run.steps[i - prompt.length], run.firstPosition + i)),
          state.selection.token === null ? count : state.selection.token - (run?.firstPosition ?? 0));
    }
  };
}

function promptRow(run, token, i) {
  const position = run.firstPosition + i;
  return h('tr', {class: position === state.selection.token ? 'selected-row' : null},
      h('td', {class: 'number'}, position),
      h('td', {class: 'mono'}, pick(token, () => store.select({token: position}))),
      h('td', {class: 'number'}, token.id),
      h('td', {}, 'prompt'));
}

function stepRow(run, step, position) {
  if (!step?.sampling) {
    return h('tr', {}, h('td', {class: 'number'}, position), h('td', {class: 'faint'}, 'nothing arrived of it'), h('td'), h('td'));
  }
  const {selection} = step.sampling;
  return h('tr', {'data-run': run.meta.run, 'data-step': step.step, class: position === state.selection.token ? 'selected-row' : null},
      h('td', {class: 'number'}, field('sampling.selection.position', selection.position, selection.position)),
      h('td', {class: 'mono'}, pick(selection.token, () => store.select({token: selection.position}))),
      h('td', {class: 'number'}, field('sampling.selection.token.id', selection.token.id, selection.token.id)),
      h('td', {}, `step ${step.step}`));
}

const pick = (token, onclick) => h('button', {class: token.special ? 'bare chip' : 'bare piece', onclick}, visible(token));
