// How fast the model is here, how full its context is, and what it is.

import {canvas, colour, field, fill, h, onTheme} from '../dom.js';
import {big, bytes, fixed, milliseconds} from '../format.js';
import {measures} from '../measures.js';
import * as store from '../store.js';

const {state, subscribe} = store;

const HEIGHT = 90;
const AROUND = 5;

export function mount(root) {
  const figures = h('dl', {class: 'figures'});
  const {canvas: chart, draw} = canvas({id: 'times', role: 'img', 'aria-label': 'Milliseconds of each step; the table below has them'});
  const legend = h('p', {class: 'faint'});
  const body = h('tbody');
  const table = h('details', {ontoggle: showTable}, h('summary', {class: 'faint'}, 'as a table'),
      h('table', {},
          h('thead', {}, h('tr', {}, ['Step', 'Forward', 'Sampling'].map(head => h('th', {scope: 'col', class: 'number'}, head)))),
          body));
  const context = h('div', {class: 'stack'});
  const card = h('dl', {class: 'figures', id: 'card'});
  root.append(h('div', {class: 'halves'},
      h('div', {class: 'stack'}, h('h2', {}, 'Speed'),
          h('p', {class: 'faint'}, 'Reading the prompt (prefill) takes many tokens at once; writing (decode) goes token by token. The pace does not count.'),
          figures, chart, legend, table),
      h('div', {class: 'stack'}, h('h2', {}, 'Context'),
          h('p', {class: 'faint'}, 'How much of what it can keep in mind is taken.'),
          context, h('h2', {}, 'The model'), card)));

  let width = 0; // kept: asking for it would lay out the page

  function showTable() {
    const run = store.run();
    if (table.open && run) {
      const at = store.stepNumber();
      fill(body, ...run.steps.slice(Math.max(0, at - AROUND), at + AROUND + 1).filter(step => step).map(step =>
          h('tr', {'data-run': run.meta.run, 'data-step': step.step, class: step.step === at ? 'selected-row' : null},
              h('td', {class: 'number'}, step.step),
              h('td', {class: 'number'}, nanosField('forwardNanos', step)),
              h('td', {class: 'number'}, nanosField('samplingNanos', step)))));
    }
  }

  function paint() {
    const run = store.run();
    if (root.hidden || width === 0) {
      return;
    }
    draw(width, HEIGHT, painting => run && bars(painting, run, width));
    const most = run ? measures(run).largestNanos : 0;
    legend.textContent = most === 0 ? ''
        : `Height: 0 to ${milliseconds(most)} for each step but the first, which reads the prompt. Below: the forward pass; on top, darker: the sampling.`;
  }

  function show() {
    if (!root.hidden) {
      const run = store.run();
      fill(figures, ...(run ? speeds(run) : [h('dt', {}, 'No run yet'), h('dd')]));
      showContext(context, run);
      showTable();
      paint();
    }
  }

  chart.addEventListener('mousemove', event => {
    const run = store.run();
    const step = run?.steps[stepAt(event, chart, run)];
    chart.title = step ? `step ${step.step}: forward ${milliseconds(step.forwardNanos)}, sampling ${milliseconds(step.samplingNanos)}` : '';
  });
  chart.addEventListener('click', event => {
    const run = store.run();
    if (run?.steps.length > 0) {
      store.setReplaying(false);
      store.select({step: Math.min(run.steps.length - 1, stepAt(event, chart, run)), token: null, candidate: null});
    }
  });
  onTheme(paint);
  new ResizeObserver(([entry]) => {
    width = Math.floor(entry.contentRect.width);
    paint();
  }).observe(legend);
  subscribe(changed => {
    if (changed.has('model')) {
      fill(card, ...full(state.model));
    }
    if (['runs', 'run', 'selection'].some(name => changed.has(name))) {
      show();
    }
  });
}

const stepAt = (event, chart, run) => {
  const bounds = chart.getBoundingClientRect();
  return Math.max(0, Math.floor((event.clientX - bounds.left) / bounds.width * (run?.steps.length ?? 0)));
};

function bars(context, run, width) {
  const most = measures(run).largestNanos || 1;
  const each = width / run.steps.length;
  const thick = Math.max(1, each - (each > 3 ? 1 : 0));
  const [forward, sampling] = [colour('--bar'), colour('--accent')];
  context.fillStyle = colour('--line');
  context.fillRect(0, HEIGHT - 1, width, 1);
  run.steps.forEach((step, i) => {
    if (i > 0) {
      const below = step.forwardNanos / most * (HEIGHT - 4);
      const above = step.samplingNanos / most * (HEIGHT - 4);
      context.fillStyle = forward;
      context.fillRect(i * each, HEIGHT - 1 - below, thick, below);
      context.fillStyle = sampling;
      context.fillRect(i * each, HEIGHT - 1 - below - above, thick, above);
    }
  });
  const selected = store.stepNumber();
  if (selected >= 0) {
    context.strokeStyle = colour('--chosen');
    context.lineWidth = 2;
    context.strokeRect(selected * each - 1, 1, Math.max(3, each + 1), HEIGHT - 2);
  }
}

const nanosField = (name, step) => field(name, step[name], milliseconds(step[name]), {title: step[name] + ' ns'});

/** What is measured at the selected step is of the event; speeds are derived from all steps. */
function speeds(run) {
  const of = measures(run);
  const first = run.steps[0];
  const step = store.step();
  const nanos = of.forwardNanos + of.samplingNanos;
  const perSecond = (count, time) => (time > 0 ? `${fixed(count / (time / 1e9), 1)} tokens a second` : 'not yet');
  return [
    ['Prefill', first ? `${perSecond(first.rows, first.forwardNanos)} (${first.rows} tokens)` : 'not yet'],
    ['Decode', perSecond(of.decodes, nanos)],
    ['A token, on average', of.decodes === 0 ? 'not yet'
        : `${milliseconds(of.forwardNanos / of.decodes)} forward pass + ${milliseconds(of.samplingNanos / of.decodes)} sampling`],
    step && [`Step ${step.step}`, h('span', {'data-run': run.meta.run, 'data-step': step.step},
        nanosField('forwardNanos', step), ' forward pass + ', nanosField('samplingNanos', step), ' sampling')]
  ].filter(pair => pair).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]);
}

function showContext(element, run) {
  const step = store.step();
  if (!step) {
    fill(element, h('p', {class: 'faint'}, 'No step yet.'));
    return;
  }
  const {contextLength} = run.meta;
  const share = step.cachedPositions / contextLength;
  const taken = h('div', {class: 'meter-bar'});
  taken.style.width = 100 * Math.min(1, share) + '%';
  fill(element,
      h('div', {
        class: 'meter', role: 'meter', 'aria-label': 'Positions in the cache', 'aria-valuemin': '0',
        'aria-valuemax': contextLength, 'aria-valuenow': step.cachedPositions, title: `${step.cachedPositions} of ${contextLength}`
      }, taken),
      h('p', {'data-run': run.meta.run, 'data-step': step.step},
          field('cachedPositions', step.cachedPositions, step.cachedPositions),
          ` of ${contextLength} positions are in the cache after step ${step.step}, ${fixed(100 * share, 1)} %.`));
}

function full(model) {
  if (model?.status !== 'ready') {
    return [];
  }
  const {info} = model;
  return [
    ['File', model.name], ['Name', info.name], ['Architecture', info.architecture], ['Layers', info.layers],
    ['Attention heads', `${info.heads}, which share ${info.keyValueHeads} of keys and values`],
    ['Size of a head', info.headSize], ['Width', `${info.width} numbers for each token`],
    ['Feed-forward width', info.feedForward], ['Vocabulary', `${info.vocabulary} tokens`],
    ['Longest context', `${info.contextLength} tokens`],
    ['Parameters', `${big(info.parameters)} (${info.parameters})`],
    ['Quantization', info.quantization], ['Size', `${bytes(info.sizeBytes)} (${info.sizeBytes} bytes)`]
  ].flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))]);
}
