// All layers and heads at once, for one position: a strip over the keys for each head.

import * as store from '../../store.js';
import {h, fill, canvas, colour} from '../../dom.js';
import * as format from '../../format.js';
import {mark, tokenAt} from '../../token.js';
import {PIXELS, scaleOf, legend, weight} from './scale.js';

const LEFT = 30; // px, the numbers of the layers
const TOP = 18; // px, the numbers of the heads
const BETWEEN_GROUPS = 10; // px
const GAP = 2;

export function heads() {
  let view = null; // {run, attention, options}
  let place = null; // {columns: x of each head, width, height}

  const surface = canvas({
    tabindex: 0, role: 'application', onmousemove: event => hover(event), onmouseleave: () => words(null),
    onclick: event => choose(at(event)), onkeydown: event => press(event)
  });
  const key = legend();
  const groups = h('p', {class: 'faint'});
  const readout = h('p', {class: 'readout faint'});
  const cells = h('div');
  const twin = h('details', {ontoggle: () => table()}, h('summary', {}, 'as a table'), cells);
  const element = h('div', {class: 'heads'}, surface.canvas, key.element, readout, groups, twin);
  new ResizeObserver(() => paint()).observe(element);

  function show(next) {
    view = next;
    paint();
  }

  function layout({layers, heads}) {
    const {keyValueHeads} = view.run.meta.model;
    const perGroup = keyValueHeads > 0 && heads % keyValueHeads === 0 ? heads / keyValueHeads : heads;
    const gaps = (heads / perGroup - 1) * BETWEEN_GROUPS;
    const width = Math.max(4, Math.floor((Math.min(element.clientWidth, 620) - LEFT - gaps) / heads) - GAP);
    const height = Math.max(6, Math.min(26, Math.floor(360 / layers) - GAP));
    const columns = Array.from({length: heads}, (_, head) =>
      LEFT + head * (width + GAP) + Math.floor(head / perGroup) * BETWEEN_GROUPS);
    return {columns, width, height, perGroup};
  }

  /** The largest weight of each pixel of a strip, into `target` from `from`. */
  function strip(weights, width, first, target, from) {
    const keys = weights.length;
    let largest = 0;
    for (let x = 0; x < width; x++) {
      const start = Math.floor(x * keys / width);
      const end = Math.max(start + 1, Math.floor((x + 1) * keys / width));
      let most = -1;
      for (let k = Math.max(first, start); k < end; k++) {
        most = Math.max(most, weights[k]);
      }
      target[from + x] = most;
      largest = Math.max(largest, most);
    }
    return largest;
  }

  function paint() {
    if (!view || element.clientWidth === 0) {
      return;
    }
    const {attention, options} = view;
    const {layers, heads} = attention;
    place = layout(attention);
    const {columns, width, height} = place;
    const values = new Float32Array(layers * heads * width);
    let largest = 0;
    for (let cell = 0; cell < layers * heads; cell++) {
      const weights = attention.at(Math.floor(cell / heads), cell % heads);
      largest = Math.max(largest, strip(weights, width, options.hideFirst ? 1 : 0, values, cell * width));
    }
    const scale = scaleOf(options, largest);
    const total = columns.at(-1) + width + 2;
    const image = document.createElement('canvas');
    image.width = total;
    image.height = layers * (height + GAP);
    const context = image.getContext('2d');
    const pixels = context.createImageData(image.width, image.height);
    const target = new Uint32Array(pixels.data.buffer);
    for (let cell = 0; cell < layers * heads; cell++) {
      const y = Math.floor(cell / heads) * (height + GAP);
      for (let x = 0; x < width; x++) {
        const value = values[cell * width + x];
        const pixel = value < 0 ? 0 : PIXELS[scale.level(value)];
        for (let line = 0; line < height; line++) {
          target[(y + line) * total + columns[cell % heads] + x] = pixel;
        }
      }
    }
    context.putImageData(pixels, 0, 0);
    surface.draw(total, TOP + image.height + 2, onto => {
      onto.imageSmoothingEnabled = false;
      onto.drawImage(image, 0, TOP);
      label(onto, attention);
      const {layer, head} = store.state.selection;
      if (layer < layers && head < heads) {
        onto.strokeStyle = colour('--chosen');
        onto.lineWidth = 2;
        onto.strokeRect(columns[head] - 1, TOP + layer * (height + GAP) - 1, width + 2, height + 2);
      }
    });
    surface.canvas.setAttribute('aria-label', `${layers} layers by ${heads} heads; arrow keys move the selected head`);
    groups.textContent = place.perGroup > 1 && place.perGroup < heads
      ? `Heads that stand together share their keys and values (${heads / place.perGroup} groups of ${place.perGroup}).`
      : '';
    key.show(scale);
    words(null);
    table();
  }

  function label(onto, {layers, heads}) {
    const {columns, width, height} = place;
    const {layer, head} = store.state.selection;
    onto.font = '11px ui-monospace, monospace';
    onto.textBaseline = 'middle';
    onto.textAlign = 'right';
    const every = Math.ceil(12 / (height + GAP));
    for (let row = 0; row < layers; row++) {
      if (row % every === 0 || row === layer) {
        onto.fillStyle = colour(row === layer ? '--chosen' : '--faint');
        onto.fillText(row, LEFT - 6, TOP + row * (height + GAP) + height / 2);
      }
    }
    onto.textAlign = 'center';
    const apart = Math.ceil(18 / (width + GAP));
    for (let column = 0; column < heads; column++) {
      if (column % apart === 0 || column === head) {
        onto.fillStyle = colour(column === head ? '--chosen' : '--faint');
        onto.fillText(column, columns[column] + width / 2, TOP / 2);
      }
    }
  }

  /** {layer, head, key} under the mouse, or null. */
  function at(event) {
    if (!view || !place) {
      return null;
    }
    const box = surface.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top - TOP];
    const layer = Math.floor(y / (place.height + GAP));
    const head = place.columns.findLastIndex(left => left <= x);
    if (y < 0 || layer >= view.attention.layers || head < 0 || x >= place.columns[head] + place.width) {
      return null;
    }
    return {layer, head, ...largestAt(view.attention.at(layer, head), x - place.columns[head])};
  }

  /** The largest weight that a pixel of a strip shows, and its key. */
  function largestAt(weights, x) {
    const pixel = Math.floor(x);
    const start = Math.floor(pixel * weights.length / place.width);
    const end = Math.max(start + 1, Math.floor((pixel + 1) * weights.length / place.width));
    let key = start;
    for (let k = start; k < end; k++) {
      key = weights[k] > weights[key] ? k : key;
    }
    return {key, value: weights[key]};
  }

  function hover(event) {
    words(at(event));
  }

  function words(found) {
    if (!found) {
      readout.textContent = 'Rows are layers, columns are heads; each strip runs over the tokens, left the oldest.';
      surface.canvas.title = '';
      return;
    }
    const token = tokenAt(view.run, found.key);
    fill(readout, `Layer ${found.layer}, head ${found.head} at `, token ? mark(token) : '?', ` (${found.key}): `,
        h('b', {}, String(found.value)));
    surface.canvas.title = `layer ${found.layer}, head ${found.head}, key ${found.key}${token ? ' ' + format.visible(token) : ''}: ${found.value}`;
  }

  function choose(found) {
    if (found) {
      store.select({layer: found.layer, head: found.head});
    }
  }

  function press(event) {
    const [down, right] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] ?? [0, 0];
    if (!view || (!down && !right)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const {layer, head} = store.state.selection;
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    store.select({layer: within(layer + down, view.attention.layers), head: within(head + right, view.attention.heads)});
  }

  /** Where each head looks most. */
  function table() {
    fill(cells);
    if (!twin.open || !view) {
      return;
    }
    const {attention, options, run} = view;
    const most = (layer, head) => {
      const weights = attention.at(layer, head);
      let key = options.hideFirst && weights.length > 1 ? 1 : 0;
      weights.forEach((value, k) => { key = k > 0 && value > weights[key] ? k : key; });
      return [tokenAt(run, key), key, weights[key]];
    };
    const numbers = count => Array.from({length: count}, (_, i) => i);
    cells.append(h('p', {class: 'faint'}, 'Where each head looks most, and how much.'),
        h('div', {class: 'scroll'}, h('table', {},
            h('tr', {}, h('th', {scope: 'col'}, 'layer'), numbers(attention.heads).map(head => h('th', {scope: 'col'}, 'head ' + head))),
            numbers(attention.layers).map(layer => h('tr', {}, h('th', {scope: 'row'}, layer),
                numbers(attention.heads).map(head => {
                  const [token, key, value] = most(layer, head);
                  return h('td', {title: `key ${key}: ${value}`}, token ? mark(token) : '#' + key, ' ', weight(value));
                }))))));
  }

  return {element, show, repaint: paint};
}
