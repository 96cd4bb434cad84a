// The candidates of the selected step as bars, before and after the sampler. Only the rows in sight
// are in the page.

import * as store from '../store.js';
import {h, field, fill} from '../dom.js';
import * as format from '../format.js';
import {mark, light, selectable, origin} from '../token.js';

const ROW = 36; // px, as in the style sheet
const IN_SIGHT = 11; // ten, and the chosen one if it is not among them
const MOST = 1000;
const SPARE = 4; // rows outside of it, for scrolling
const SMALLEST = 1e-6; // where the bars begin on the logarithmic scale

/** Over the columns of the list; each row says the same to a screen reader. */
const HEADS = [
  ['rank', 'its place among the logits'], ['token', ''], ['id', 'its number in the vocabulary'],
  ['logit', 'the raw score that the model gave it'], ['before', 'probability before the sampler'], ['after', 'probability after the sampler']
];

export function mount(root) {
  let logarithmic = false;
  let rows = []; // indices into the candidates
  let sampling = null;
  let resampled = false;
  let scrolled = 0; // asking the list itself would cost a layout in every step

  const top = h('input', {type: 'number', min: 1, max: MOST, value: store.state.top, 'aria-label': 'How many candidates are shown', oninput: () => {
    if (top.checkValidity() && top.value !== '') {
      store.setTop(top.valueAsNumber);
    }
  }, onchange: () => {
    store.setTop(Math.min(MOST, Math.max(1, Math.round(top.valueAsNumber) || store.state.top)));
    top.value = store.state.top;
  }});
  const scale = h('input', {type: 'checkbox', onchange: () => {
    logarithmic = scale.checked;
    badge.hidden = !logarithmic;
    show();
  }});
  const badge = h('span', {class: 'badge', hidden: true}, `log bars, ${format.percent(SMALLEST)} to 100 %`);
  const slid = h('span', {class: 'badge', hidden: true}, 'by the sliders');
  const count = h('span', {class: 'faint'});
  const space = h('div', {class: 'space'});
  const list = h('div', {
    class: 'candidate-list', role: 'listbox', tabindex: 0, 'aria-label': 'Candidates', onscroll: () => {
      scrolled = list.scrollTop;
      paint();
    }
  }, space);
  selectable(list, () => rows.map(index => sampling.candidates[index].token.id));
  const cells = h('div');
  const twin = h('details', {ontoggle: () => table()}, h('summary', {}, 'as a table'), cells);

  root.append(h('h2', {}, 'Candidates'),
      h('p', {class: 'faint caption'},
          'The likeliest next tokens. Outline: what the model said. Filled: what the sampler left to draw from.'),
      h('div', {class: 'row'}, h('label', {}, 'show ', top), count,
          h('label', {}, scale, ' log'), badge, slid),
      h('div', {class: 'cells heads faint', 'aria-hidden': 'true'}, HEADS.map(([words, title]) => h('span', {title}, words))),
      list, twin);

  const width = p => (logarithmic
    ? Math.max(0, 1 - Math.log10(Math.max(p, SMALLEST)) / Math.log10(SMALLEST))
    : p) * 100 + '%';

  function bar(kind, p) {
    const element = h('div', {class: 'bar ' + kind});
    element.style.width = width(p);
    return element;
  }

  function row(index, place) {
    const candidate = sampling.candidates[index];
    const {token, rank, logit, probability, finalProbability, removedBy} = candidate;
    const show = (name, value, text) =>
      field(`sampling.candidates[${index}].${name}`, value, text, {resampled});
    const chosen = sampling.selection.token.id === token.id;
    const gone = removedBy !== undefined;
    const remover = gone ? sampling.stages[removedBy]?.name : '';
    const element = h('div', {
      class: 'candidate' + (chosen ? ' chosen' : '') + (gone ? ' gone' : ''), role: 'option', id: 'candidate-' + token.id,
      'data-candidate': token.id, 'aria-selected': String(store.state.selection.candidate === token.id),
      'aria-posinset': place + 1, 'aria-setsize': rows.length,
      'aria-label': `${format.spoken(token)}, rank ${rank}, ${format.percent(probability)} before, `
          + (gone ? 'removed by ' + remover : format.percent(finalProbability) + ' after') + (chosen ? ', chosen' : '')
    },
    h('div', {class: 'cells'},
        h('span', {class: 'rank'}, show('rank', rank, rank)),
        h('span', {class: 'name'}, h('span', {class: 'pointer', title: 'the chosen one'}, chosen ? '▶' : ''), mark(token)),
        h('span', {class: 'faint number'}, show('token.id', token.id, token.id)),
        h('span', {class: 'number'}, show('logit', logit, format.fixed(logit))),
        h('span', {class: 'number'}, show('probability', probability, format.percent(probability))),
        gone
          ? h('span', {class: 'remover', title: `removed by stage ${removedBy}, ${remover}`}, remover)
          : h('span', {class: 'number strong'}, show('finalProbability', finalProbability, format.percent(finalProbability)))),
    h('div', {class: 'bars'}, bar('after', finalProbability), bar('before', probability)));
    element.style.top = place * ROW + 'px';
    return element;
  }

  function paint() {
    const first = Math.max(0, Math.floor(scrolled / ROW) - SPARE);
    const last = Math.min(rows.length, first + IN_SIGHT + 2 * SPARE);
    fill(space, rows.slice(first, last).map((index, i) => row(index, first + i)));
    const active = 'candidate-' + store.state.selection.candidate;
    if (space.querySelector('#' + active)) {
      list.setAttribute('aria-activedescendant', active);
    } else {
      list.removeAttribute('aria-activedescendant');
    }
    light(root);
  }

  function table() {
    fill(cells);
    if (!twin.open || !sampling) {
      return;
    }
    const heads = ['rank', 'token', 'id', 'logit', 'before', 'after', 'removed by'];
    const cell = (index, name, value) =>
      h('td', {class: 'number'}, field(`sampling.candidates[${index}].${name}`, value, String(value), {resampled}));
    cells.append(h('div', {class: 'scroll', ...origin(resampled)}, h('table', {},
        h('tr', {}, heads.map(head => h('th', {scope: 'col'}, head))),
        rows.map(index => [index, sampling.candidates[index]]).map(([index, each]) => h('tr', {},
            cell(index, 'rank', each.rank), h('td', {}, mark(each.token)), cell(index, 'token.id', each.token.id),
            cell(index, 'logit', each.logit), cell(index, 'probability', each.probability),
            cell(index, 'finalProbability', each.finalProbability),
            h('td', {}, each.removedBy === undefined ? '' : sampling.stages[each.removedBy]?.name))))));
  }

  function show() {
    const longer = store.longer();
    sampling = longer ?? store.sampling();
    resampled = longer !== null || store.isResampled();
    const limit = store.state.top;
    // The first are the likeliest, the chosen one may come behind them.
    rows = (sampling?.candidates ?? []).map((_, i) => i).filter(i =>
      i < limit || sampling.candidates[i].token.id === sampling.selection.token.id);
    for (const name of ['data-resampled', 'data-run', 'data-step']) {
      list.removeAttribute(name);
    }
    for (const [name, value] of Object.entries(sampling ? origin(resampled) : {})) {
      list.setAttribute(name, value);
    }
    slid.hidden = !store.isResampled();
    count.textContent = sampling ? `of ${sampling.vocabulary}` : '';
    space.style.height = rows.length * ROW + 'px';
    list.style.height = Math.min(rows.length, IN_SIGHT) * ROW + 'px';
    list.hidden = rows.length === 0;
    paint();
    table();
  }

  let selected = null;
  function reveal() {
    const {candidate} = store.state.selection;
    if (candidate === selected) {
      return;
    }
    selected = candidate;
    const place = rows.findIndex(index => sampling.candidates[index].token.id === candidate);
    if (place >= 0) {
      list.scrollTop = Math.min(place * ROW, Math.max(list.scrollTop, (place - IN_SIGHT + 1) * ROW));
    }
  }

  store.subscribe(changed => {
    if (changed.has('top') && document.activeElement !== top) {
      top.value = store.state.top;
    }
    if (changed.has('top') || (store.longer() ?? store.sampling()) !== sampling) {
      show();
      reveal();
    } else if (changed.has('selection')) {
      reveal();
      paint();
    } else if (changed.has('hover')) {
      light(root);
    }
  });
  show();
}
