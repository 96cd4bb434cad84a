// A long table of which only the rows in sight exist.

import {h} from './dom.js';

const ROW = 22; // pixels, as in the style sheet
const MORE = 8; // rows above and below those in sight

/** {element, show(count, row)}: row(i) gives the `tr` of a row. heads: names, a leading # for numbers. */
export function longTable(label, heads) {
  const body = h('tbody');
  const above = h('tbody', {'aria-hidden': 'true'}, h('tr'));
  const below = h('tbody', {'aria-hidden': 'true'}, h('tr'));
  const table = h('table', {},
      h('thead', {}, h('tr', {}, heads.map(head => h('th', {
        scope: 'col', class: head.startsWith('#') ? 'number' : null
      }, head.replace(/^#/, ''))))),
      above, body, below);
  const element = h('div', {class: 'long-table', tabindex: '0', role: 'region', 'aria-label': label, onscroll: draw}, table);
  let count = 0;
  let row = null;
  let drawn = '';

  function draw() {
    const from = Math.max(0, Math.floor(element.scrollTop / ROW) - MORE);
    const to = Math.min(count, Math.ceil((element.scrollTop + element.clientHeight) / ROW) + MORE);
    if (drawn !== from + '-' + to) {
      drawn = from + '-' + to;
      above.firstChild.style.height = from * ROW + 'px';
      below.firstChild.style.height = Math.max(0, count - to) * ROW + 'px';
      body.replaceChildren(...Array.from({length: Math.max(0, to - from)}, (_, i) => row(from + i)));
      table.setAttribute('aria-rowcount', count);
    }
  }

  return {
    element,
    show(newCount, newRow) {
      count = newCount;
      row = newRow;
      drawn = '';
      draw();
    },
    scrollTo(i) {
      element.scrollTop = Math.max(0, i * ROW - element.clientHeight / 2);
    }
  };
}
