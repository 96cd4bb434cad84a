// One head over the whole run: query down, key across. Rows are fetched once and kept; more keys than
// pixels share a pixel, which shows the largest of them.

import * as store from '../../store.js';
import {h, fill, canvas, colour} from '../../dom.js';
import * as format from '../../format.js';
import {kept, excuse, PATTERN} from '../../pattern.js';
import {isKept} from '../../store.js';
import {latest} from '../../latest.js';
import {mark, tokenAt} from '../../token.js';
import {PIXELS, MASKED_PIXEL, scaleOf, legend, weight} from './scale.js';

const AREA = 400; // px
const LABEL = 96; // px, where there is room for tokens beside the rows
const MOST_SINGLE_ROWS = 32; // further behind the whole is fetched at once

export function triangle() {
  let data = {key: '', steps: -1, rows: []}; // rows by query position; undefined if not kept
  let bins = {key: '', count: 0, size: 1, values: new Float32Array(0), largest: 0};
  let view = null; // {run, key, query, count, marked, options}: what is shown
  let cursor = null; // {query, key}
  let said = ''; // what is read out, and of which head
  let cell = 1;
  let margin = 0;

  const surface = canvas({
    tabindex: 0, role: 'application', onmousemove: event => point(event), onmouseleave: () => put(null),
    onclick: event => { point(event); choose(); }, onkeydown: event => press(event)
  });
  const key = legend();
  const readout = h('p', {class: 'readout faint', 'aria-live': 'polite'});
  const message = h('p', {class: 'faint', hidden: true});
  const image = document.createElement('canvas');
  const cells = h('div');
  const twin = h('details', {ontoggle: () => table()}, h('summary', {}, 'as a table'), cells);
  const element = h('div', {class: 'triangle'}, message, surface.canvas, key.element, readout, twin);

  const load = latest(async ({run, key, query, steps}) => {
    if (key !== data.key || steps - data.steps > MOST_SINGLE_ROWS) {
      const {shape: [count, width], firstPosition, values} = await kept(run, null, PATTERN, {...query, to: steps});
      const rows = [];
      for (let i = 0; i < count; i++) {
        rows[firstPosition + i] = values.subarray(i * width, i * width + firstPosition + i + 1);
      }
      return {key, steps, rows, from: 0};
    }
    const wanted = Array.from({length: steps - data.steps}, (_, i) => data.steps + 1 + i).filter(step => isKept(run, step));
    const parts = await Promise.all(wanted.map(step => kept(run, step, PATTERN, query)));
    const rows = data.rows;
    for (const {shape: [count, width], firstPosition, values} of parts) {
      for (let i = 0; i < count; i++) {
        rows[firstPosition + i] = values.subarray(i * width, i * width + firstPosition + i + 1);
      }
    }
    return {key, steps, rows};
  }, (wish, answer, failure) => {
    if (failure) {
      data = {key: '', steps: -1, rows: []};
      if (wish.key === view?.key) {
        excuseFor(failure);
      }
      return;
    }
    data = answer;
    paint();
  });

  function excuseFor(failure) {
    message.hidden = false;
    message.textContent = excuse(failure);
    surface.canvas.hidden = true;
    cursor = null;
    readout.textContent = '';
  }

  /** view: {run, key, query, steps, count, marked, options} */
  function show(next) {
    view = next;
    if (next.key !== data.key || next.steps > data.steps) {
      load(next);
    }
    if (next.key === data.key) {
      paint();
    }
  }

  /** The largest weight of each pixel; rows that came since the last time are added. */
  function bin(count, hideFirst) {
    const size = Math.ceil(count / AREA);
    const name = [view.key, size, hideFirst].join();
    if (bins.key !== name || bins.count > count) {
      bins = {key: name, count: 0, size, values: new Float32Array(AREA * AREA).fill(-1), largest: 0};
    }
    const {values} = bins;
    while (bins.count < count) {
      const query = bins.count;
      const row = data.rows[query];
      if (!row && query >= data.rows.length) {
        break;
      }
      const line = Math.floor(query / size) * AREA;
      for (let k = hideFirst ? 1 : 0; row && k <= query; k++) {
        const at = line + Math.floor(k / size);
        values[at] = Math.max(values[at], row[k]);
        bins.largest = Math.max(bins.largest, row[k]);
      }
      bins.count++;
    }
  }

  function paint() {
    if (!view || view.key !== data.key) {
      return;
    }
    message.hidden = true;
    surface.canvas.hidden = false;
    const count = Math.min(view.count, data.rows.length);
    bin(count, view.options.hideFirst);
    const side = Math.ceil(count / bins.size);
    cell = Math.max(1, Math.min(24, Math.floor(AREA / side)));
    margin = cell >= 11 ? LABEL : 12;
    const scale = scaleOf(view.options, bins.largest);
    image.width = side;
    image.height = side;
    const context = image.getContext('2d');
    const pixels = context.createImageData(side, side);
    const target = new Uint32Array(pixels.data.buffer);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const value = bins.values[y * AREA + x];
        target[y * side + x] = x > y ? MASKED_PIXEL : value < 0 ? 0 : PIXELS[scale.level(value)];
      }
    }
    context.putImageData(pixels, 0, 0);
    surface.draw(margin + side * cell + 2, side * cell + 2, onto => {
      onto.imageSmoothingEnabled = false;
      onto.drawImage(image, margin, 0, side * cell, side * cell);
      label(onto, side);
      outline(onto, view.marked, colour('--chosen'));
    });
    surface.canvas.setAttribute('aria-label',
        `Attention of ${count} queries over ${count} keys; arrow keys read single values, Enter selects the query`);
    key.show(scale);
    if (cursor && cursor.query >= count) {
      cursor = null;
    }
    if (cursor) {
      put(cursor); // the same place of another head, or of a longer run
    } else {
      readout.textContent = 'Query ↓ looks at key →. Grey: the future, which nobody sees.'
          + (bins.size > 1 ? ` A pixel is the largest of ${bins.size} × ${bins.size} weights.` : '')
          + (data.rows.findIndex(Boolean) > 0 ? ' Rows that are not kept are left empty.' : '')
          + (view.options.hideFirst ? ' The weights are as they were: what the first token got is given to no other.' : '');
    }
    table();
  }

  function label(onto, side) {
    if (margin !== LABEL) {
      return;
    }
    onto.font = '11px ui-monospace, monospace';
    onto.textAlign = 'right';
    onto.textBaseline = 'middle';
    for (let row = 0; row < side; row++) {
      onto.fillStyle = colour(row === view.marked ? '--chosen' : '--ink');
      const text = format.visible(tokenAt(view.run, row) ?? {text: '?', bytes: ''});
      onto.fillText(text.length > 11 ? text.slice(0, 10) + '…' : text, margin - 14, (row + 0.5) * cell);
    }
  }

  function outline(onto, position, stroke) {
    const row = Math.floor(position / bins.size);
    if (row * bins.size >= bins.count) {
      return;
    }
    onto.fillStyle = stroke;
    onto.strokeStyle = stroke;
    onto.lineWidth = 2;
    onto.strokeRect(margin, row * cell, (row + 1) * cell + 1, Math.max(2, cell));
    const y = (row + 0.5) * cell;
    onto.beginPath();
    onto.moveTo(margin - 11, y - 5);
    onto.lineTo(margin - 3, y);
    onto.lineTo(margin - 11, y + 5);
    onto.fill();
  }

  /** The place of the largest weight under the mouse. */
  function point(event) {
    const box = surface.canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left - margin) / cell);
    const y = Math.floor((event.clientY - box.top) / cell);
    if (!view || y < 0 || y * bins.size >= bins.count) {
      put(null);
      return;
    }
    let best = {query: y * bins.size, key: Math.max(0, x) * bins.size};
    let most = -1;
    for (let query = best.query; query < Math.min(bins.count, (y + 1) * bins.size); query++) {
      for (let k = x * bins.size; k <= Math.min(query, (x + 1) * bins.size - 1); k++) {
        const value = data.rows[query]?.[k] ?? -1;
        if (value > most) {
          most = value;
          best = {query, key: k};
        }
      }
    }
    put(best);
  }

  function put(place) {
    cursor = place;
    if (!place) {
      paint();
      return;
    }
    const [from, to] = [tokenAt(view.run, place.query), tokenAt(view.run, place.key)];
    const value = data.rows[place.query]?.[place.key];
    const title = value === undefined ? '' : `query ${place.query} → key ${place.key}: ${value}`;
    const now = view.key + ' ' + title;
    if (value !== undefined && now === said && readout.querySelector('b')) {
      return; // nothing to say again
    }
    said = now;
    fill(readout, from ? mark(from) : '?', ` (${place.query}) → `, to ? mark(to) : '?', ` (${place.key}): `,
        place.key > place.query ? 'the future, masked' : value === undefined ? 'not kept' : h('b', {title: String(value)}, String(value)));
    surface.canvas.title = title;
  }

  function choose() {
    if (cursor) {
      store.select({token: cursor.query});
    }
  }

  function press(event) {
    const at = cursor ?? {query: view?.marked ?? 0, key: 0};
    const [down, right] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] ?? [0, 0];
    if (down || right) {
      const query = Math.max(0, Math.min(bins.count - 1, at.query + down));
      put({query, key: Math.max(0, Math.min(query, at.key + right))});
    } else if (event.key === 'Enter') {
      choose();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The marked row; the others are a click away. */
  function table() {
    fill(cells);
    const row = view && data.rows[view.marked];
    if (!twin.open || !row) {
      return;
    }
    const first = Math.max(0, row.length - 200);
    cells.append(h('div', {class: 'scroll'}, h('table', {},
        h('tr', {}, ['key', 'token', 'weight'].map(head => h('th', {scope: 'col'}, head))),
        Array.from(row.subarray(first), (value, i) => h('tr', {}, h('td', {}, first + i),
            h('td', {}, tokenAt(view.run, first + i) ? mark(tokenAt(view.run, first + i)) : ''),
            h('td', {class: 'number', title: String(value)}, weight(value)))))));
  }

  return {element, show, repaint: paint};
}
