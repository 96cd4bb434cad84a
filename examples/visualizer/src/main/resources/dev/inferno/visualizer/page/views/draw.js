// The draw: all that was left lies on a bar from 0 to 1, a random number says where on it.

import * as store from '../store.js';
import {h, field, fill} from '../dom.js';
import * as format from '../format.js';
import {mark, namer, light, selectable, origin} from '../token.js';

const MOST_SEGMENTS = 60; // the rest is too thin to be seen, and counted as others
const SVG = 'http://www.w3.org/2000/svg';

function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

export function mount(root) {
  let sampling = null;
  let resampled = false;
  let ids = [];
  const slid = h('span', {class: 'badge', hidden: true}, 'by the sliders');
  const body = h('div');
  const cells = h('div');
  const twin = h('details', {ontoggle: () => table()}, h('summary', {}, 'as a table'), cells);
  root.append(h('h2', {}, 'The draw ', slid),
      h('p', {class: 'faint caption'}, 'What is left lies on a bar, each as long as it is likely. A random number u picks a place.'),
      body, twin);

  /** The parts of the bar: {id, probability, from, to, path}; id null for the others. */
  function segments() {
    const {distribution, draw, selection} = sampling;
    const shown = distribution.best.slice(0, MOST_SEGMENTS)
        .map((each, i) => ({...each, path: `sampling.distribution.best[${i}]`}));
    const end = shown.at(-1)?.to ?? 0;
    const others = (from, to) => (to - from > 1e-12 ? [{id: null, probability: to - from, from, to}] : []);
    const chosen = draw && selection.rankAfter > shown.length
      ? {id: selection.token.id, probability: selection.probability, from: draw.from, to: draw.to, path: 'sampling.draw'} : null;
    return chosen
      ? [...shown, ...others(end, chosen.from), chosen, ...others(chosen.to, 1)]
      : distribution.size > shown.length ? [...shown, ...others(end, 1)] : shown;
  }

  function segment({id, probability, from, to}, tokenOf) {
    const token = id === null ? null : tokenOf(id);
    const element = h('div', {
      class: 'segment' + (id === null ? ' others' : '') + (id === sampling.selection.token.id ? ' chosen' : ''), 'data-candidate': id,
      title: `${token ? format.visible(token) : 'others'}: probability ${probability}, from ${from} to ${to}`
    }, to - from > 0.08 ? h('span', {}, token ? format.visible(token) : 'others') : '');
    element.style.left = 100 * from + '%';
    element.style.width = 100 * (to - from) + '%';
    return element;
  }

  function bar() {
    const tokenOf = namer(sampling);
    const parts = segments();
    ids = parts.map(({id}) => id).filter(id => id !== null);
    const {draw, distribution} = sampling;
    const element = h('div', {
      class: 'cumulative', tabindex: 0, role: 'group',
      'aria-label': `${distribution.size} candidates on a bar from 0 to 1` + (draw ? `, u is ${draw.u}` : '')
    }, parts.map(part => segment(part, tokenOf)));
    selectable(element, () => ids);
    if (draw) {
      const line = h('div', {class: 'u-line', title: `u = ${draw.u}`});
      line.style.left = 100 * draw.u + '%';
      const label = h('div', {class: 'u-label'},
          draw.u > 0.7 ? '' : '▼ ', 'u = ', field('sampling.draw.u', draw.u, format.fixed(draw.u, 4), {resampled}), draw.u > 0.7 ? ' ▼' : '');
      label.style.left = 100 * draw.u + '%';
      label.classList.toggle('at-right', draw.u > 0.7);
      return h('div', {class: 'draw-bar'}, h('div', {class: 'u-row'}, label), h('div', {class: 'over'}, element, line),
          h('div', {class: 'ends faint'}, h('span', {}, '0'), h('span', {}, '1')));
    }
    return h('div', {class: 'draw-bar'}, element, h('div', {class: 'ends faint'}, h('span', {}, '0'), h('span', {}, '1')));
  }

  function words() {
    const {draw, distribution, selection, stages} = sampling;
    const show = (path, value, text) => field('sampling.' + path, value, text, {resampled});
    const size = show('distribution.size', distribution.size, distribution.size);
    const alone = distribution.size === 1;
    return [
      h('p', {}, alone
        ? [stages.some(({name}) => name === 'greedy')
            ? 'Greedy: the likeliest candidate was taken, whatever u is.'
            : 'A single candidate was left, so any u chooses it.', ' (', size, ' left)']
        : [size, ' candidates were left. Chosen: the first one whose cumulative probability exceeds u.']),
      draw ? h('table', {class: 'facts'},
          h('tr', {}, h('th', {scope: 'row'}, 'u fell on'), h('td', {}, mark(selection.token), ' from ',
              show('draw.from', draw.from, format.fixed(draw.from, 4)), ' to ', show('draw.to', draw.to, format.fixed(draw.to, 4)))),
          h('tr', {}, h('th', {scope: 'row', title: 'with the same seed the same numbers come'}, 'Seed'), h('td', {class: 'mono'}, show('draw.seed', draw.seed, draw.seed))),
          h('tr', {}, h('th', {scope: 'row', title: 'which random number of this seed'}, 'Index'), h('td', {}, show('draw.index', draw.index, draw.index))))
        : h('p', {class: 'faint'}, selection.forced ? 'The token was forced: nothing was drawn.' : 'Nothing was drawn.')
    ];
  }

  /** Probability by rank and its sum, of the raw candidates, with a line where each stage cut. */
  function curves() {
    const {candidates, stages} = sampling;
    const ranked = candidates.filter(({rank}, i) => rank === i + 1);
    if (ranked.length < 2) {
      return '';
    }
    const [width, height] = [380, 90];
    const x = rank => 4 + (width - 8) * (rank - 1) / (ranked.length - 1);
    const y = p => 4 + (height - 8) * (1 - p);
    let sum = 0;
    const cumulative = ranked.map(each => [each.rank, sum += each.probability]);
    const path = points => points.map(([rank, p], i) => `${i ? 'L' : 'M'}${x(rank).toFixed(1)} ${y(p).toFixed(1)}`).join('');
    const cuts = stages.filter(({entered, kept}) => kept < entered).map(({name, kept}) => ({name, kept}));
    const inside = cuts.filter(({kept}) => kept < ranked.length);
    const picture = svg('svg', {viewBox: `0 0 ${width} ${height}`, class: 'curves', role: 'img',
      'aria-label': `Probability of the ${ranked.length} likeliest and their sum, which reaches ${format.percent(sum)}`},
    svg('path', {d: `M4 ${height - 4}H${width - 4}M4 4H${width - 4}`, class: 'axis'}),
    svg('path', {d: path(cumulative), class: 'cumulative-curve'}),
    svg('path', {d: path(ranked.map(each => [each.rank, each.probability])), class: 'rank-curve'}),
    ...inside.map(({name, kept}) => {
      const line = svg('path', {d: `M${x(kept + 0.5).toFixed(1)} 4V${height - 4}`, class: 'cut'});
      line.append(svg('title', {}, `${name} kept ${kept}`));
      return line;
    }),
    ...ranked.map((each, i) => {
      const dot = svg('rect', {x: x(each.rank) - width / ranked.length / 2, y: 0, width: width / ranked.length, height, class: 'hit'});
      dot.append(svg('title', {}, `rank ${each.rank}, ${format.visible(each.token)}: ${each.probability}, sum ${cumulative[i][1]}`));
      return dot;
    }));
    return [
      h('p', {class: 'faint caption'}, `The model's ${ranked.length} likeliest by rank: `,
          h('span', {class: 'key rank-key'}, 'each'), ' and ', h('span', {class: 'key sum-key'}, 'summed up'),
          inside.length ? `; dashed: what was kept by ${inside.map(({name, kept}) => `${name} (${kept})`).join(', ')}` : ''),
      picture
    ];
  }

  function table() {
    fill(cells);
    if (!twin.open || !sampling) {
      return;
    }
    const tokenOf = namer(sampling);
    cells.append(h('div', {class: 'scroll', ...origin(resampled)}, h('table', {},
        h('tr', {}, ['token', 'probability', 'from', 'to'].map(head => h('th', {scope: 'col'}, head))),
        segments().map(part => h('tr', {}, h('td', {}, part.id === null ? 'others' : mark(tokenOf(part.id))),
            ['probability', 'from', 'to'].map(name => h('td', {class: 'number'},
                part.path?.includes('best') ? field(`${part.path}.${name}`, part[name], format.fixed(part[name], 6), {resampled})
                  : format.fixed(part[name], 6))))))));
  }

  function show() {
    sampling = store.sampling();
    resampled = store.isResampled();
    slid.hidden = !resampled;
    const focused = body.contains(document.activeElement);
    fill(body, sampling
      ? h('div', origin(resampled), bar(), words(), curves())
      : h('p', {class: 'faint'}, 'Nothing has been chosen yet.'));
    if (focused) {
      body.querySelector('.cumulative')?.focus({preventScroll: true});
    }
    table();
    light(root);
  }

  store.subscribe(changed => {
    if (store.sampling() !== sampling) {
      show();
    } else if (changed.has('hover') || changed.has('selection')) {
      light(root);
    }
  });
  show();
}
