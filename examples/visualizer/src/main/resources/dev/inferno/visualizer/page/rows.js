// A long table of which only the rows in sight exist.

import {h} from './dom.js';

const ROW = 22; // pixels, as in the style sheet
const MORE = 8; // rows above and below those in sight

/**
 * {element, show(count, row, at)}: row(i) gives the `tr` of a row, and row `at` is brought into sight if it
 * is given. heads: names, a leading # for numbers.
 */
export function longTable(label, heads) {
  const body = h('tbody');
  const above = h('tbody', {'aria-hidden': 'true'}, h('tr'));
  const below = h('tbody', {'aria-hidden': 'true'}, h('tr'));
  const table = h('table', {},
      h('thead', {}, h('tr', {}, heads.map(head => h('th', {
        scope: 'col', class: head.startsWith('#') ? 'number' : null
      }, head.replace(/^#/, ''))))),
      above, body, below);
  const element = h('div', {class: 'long-table', tabindex: '0', role: 'region', 'aria-label': label, onscroll: () => {
    top = element.scrollTop;
    draw();
  }}, table);
  let count = 0;
  let row = null;
  let drawn = '';
  let goal = null; // the row to bring into sight as soon as there is a height
  let top = 0; // both are kept: asking the element would lay out the page
  let height = 0;

  new ResizeObserver(() => {
    height = element.clientHeight;
    place();
  }).observe(element);

  function draw() {
    const from = Math.max(0, Math.floor(top / ROW) - MORE);
    const to = Math.min(count, Math.ceil((top + height) / ROW) + MORE);
    if (drawn !== from + '-' + to) {
      drawn = from + '-' + to;
      above.firstChild.style.height = from * ROW + 'px';
      below.firstChild.style.height = Math.max(0, count - to) * ROW + 'px';
      body.replaceChildren(...Array.from({length: Math.max(0, to - from)}, (_, i) => row(from + i)));
      table.setAttribute('aria-rowcount', count);
    }
  }

  function place() {
    const last = Math.max(0, (count + 2) * ROW - height); // the heads are a row too
    top = Math.min(last, goal === null ? top : Math.max(0, goal * ROW - height / 2));
    draw();
    if (goal !== null && height > 0) {
      goal = null;
      setTimeout(() => {
        element.scrollTop = top;
        top = element.scrollTop; // it may be less, and then tells nobody
        draw();
      });
    }
  }

  return {
    element,
    show(newCount, newRow, at = null) {
      count = newCount;
      row = newRow;
      drawn = '';
      goal = at ?? goal;
      place();
    }
  };
}
