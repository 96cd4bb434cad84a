// What one position attends to, as the text itself: the stronger the colour the more it counted.

import * as store from '../../store.js';
import {h, fill} from '../../dom.js';
import * as format from '../../format.js';
import {mark, tokenAt} from '../../token.js';
import {scaleOf, legend, ground, weight} from './scale.js';

const SHOWN = 200; // keys; those before them are summed up
const BEST = 10;
const SMALL = 0.1;

export function reading() {
  const text = h('div', {class: 'reading'});
  const key = legend();
  const table = h('table', {});
  const title = h('p', {class: 'faint'});
  const element = h('div', {}, title, text, key.element, h('h3', {}, `The ${BEST} that counted most`), table);
  text.addEventListener('click', event => {
    const position = event.target.closest('[data-key]')?.dataset.key;
    if (position !== undefined) {
      store.select({token: Number(position)});
    }
  });

  /** weights over the keys of a position; what: whose they are, in words */
  function show({run, position, weights, what, options}) {
    const first = Math.max(0, weights.length - SHOWN);
    const from = options.hideFirst ? 1 : 0;
    let largest = 0;
    let before = 0;
    for (let k = from; k < weights.length; k++) {
      largest = Math.max(largest, weights[k]);
      before += k < first ? weights[k] : 0;
    }
    const scale = scaleOf(options, largest);
    const asked = tokenAt(run, position);
    fill(title, asked ? mark(asked) : '?', ` at position ${position} looks at these tokens (${what}).`,
        largest < SMALL && !options.logarithmic ? ' All these weights are small: log colours tell them apart.' : '');
    fill(text,
        first > 0 ? h('span', {class: 'chip', title: `their weights sum up to ${before}`},
            `${first - from} earlier tokens: ${format.percent(before)}`) : '',
        Array.from({length: weights.length - first}, (_, i) => piece(run, first + i, weights[first + i], scale, options, position)));
    key.show(scale);
    const best = Array.from(weights, (value, k) => k).slice(from)
        .sort((a, b) => weights[b] - weights[a] || a - b).slice(0, BEST);
    fill(table,
        h('tr', {}, ['position', 'token', 'weight'].map((head, i) => h('th', {scope: 'col', class: i === 2 ? 'number' : null}, head))),
        best.map(k => h('tr', {}, h('td', {}, k), h('td', {}, tokenAt(run, k) ? mark(tokenAt(run, k)) : '?'),
            h('td', {class: 'number', title: String(weights[k])}, weight(weights[k])))));
  }

  function piece(run, k, value, scale, options, position) {
    const token = tokenAt(run, k);
    const hidden = options.hideFirst && k === 0;
    const element = h('span', {
      class: 'weighed mono' + (hidden ? ' hidden-first' : '') + (k === position ? ' asked' : ''), 'data-key': k,
      title: `${token ? format.spoken(token) : '?'} at position ${k}: ${value}${hidden ? ' (hidden)' : ''}`
    }, token ? format.visible(token) || '∅' : '?');
    if (!hidden) {
      const colours = ground(scale.level(value));
      element.style.backgroundColor = colours.ground;
      element.style.color = colours.ink;
    }
    return element;
  }

  return {element, show};
}
