// All steps of the selected run at a glance, to move through; and what plays and stops.

import {canvas, colour, field, fill, h, onTheme} from '../dom.js';
import {fixed, milliseconds, percent, visible} from '../format.js';
import {chosenIndex, measures, typicalNanos} from '../measures.js';
import * as play from '../play.js';
import * as store from '../store.js';

const {state, subscribe} = store;

const HEIGHT = 56;
const ROOM = 256; // steps that a run that goes on has room for at first
const AROUND = 5; // rows of the table before and after the selected step
const PACES = [[0, 'as fast as the model'], [50, '20 tokens/s'], [125, '8 tokens/s'], [500, '2 tokens/s']];

export function mount(root) {
  const {canvas: chart, draw} = canvas({
    id: 'sparkline', tabindex: '0', role: 'slider', 'aria-label': 'Step', 'aria-valuemin': '0'
  });
  const kind = h('select', {'aria-label': 'What the bars show', onchange: () => paint()},
      h('option', {value: 'probability'}, 'confidence'), h('option', {value: 'entropy'}, 'uncertainty'));
  const legend = h('p', {class: 'faint', id: 'sparkline-legend'});
  const buttons = controls();
  const speed = h('p', {class: 'faint', id: 'real-speed'});
  const table = twin();
  root.append(
      h('div', {class: 'heading'}, h('h2', {}, 'Steps'), kind, buttons.place, buttons.pace),
      h('p', {class: 'faint'}, 'One bar for each token the model wrote: click or drag to go there.'),
      chart, legend, buttons.element, speed, table.element);

  let width = 0; // kept: asking for it would lay out the page

  function paint() {
    const run = store.run();
    draw(Math.max(50, width), HEIGHT, context => run && bars(context, run, width, kind.value));
    const number = store.stepNumber();
    chart.setAttribute('aria-valuemax', Math.max(0, (run?.steps.length ?? 0) - 1));
    chart.setAttribute('aria-valuenow', Math.max(0, number));
    chart.setAttribute('aria-valuetext', run && number >= 0 ? words(run, number) : 'no step yet');
    legend.textContent = kind.value === 'probability'
        ? 'Height: 0 to 100 %, the probability that the model gave the token; orange: below 20 %.'
        : `Height: 0 to ${fixed(run ? measures(run).largestEntropy : 0)} nats of entropy; 0 is certain, more is more undecided.`;
  }

  const stepAt = event => {
    const run = store.run();
    const bounds = chart.getBoundingClientRect();
    const step = Math.floor((event.clientX - bounds.left) / bounds.width * room(run));
    return Math.min(run.steps.length - 1, Math.max(0, step));
  };
  const goTo = step => {
    store.setReplaying(false);
    store.select({step, token: null, candidate: null});
  };
  chart.addEventListener('pointerdown', event => {
    if (store.run()?.steps.length) {
      chart.setPointerCapture(event.pointerId);
      goTo(stepAt(event));
    }
  });
  chart.addEventListener('pointermove', event => {
    const run = store.run();
    if (!run?.steps.length) {
      return;
    }
    const step = stepAt(event);
    if (chart.hasPointerCapture(event.pointerId)) {
      goTo(step);
    }
    chart.title = words(run, step);
    if (state.hover.step !== step) {
      store.hover({step});
    }
  });
  chart.addEventListener('pointerleave', () => store.hover(null));
  chart.addEventListener('keydown', event => {
    const last = (store.run()?.steps.length ?? 0) - 1;
    const to = {Home: 0, End: last}[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      goTo(to);
    }
  });
  onTheme(paint);
  new ResizeObserver(([entry]) => {
    width = Math.floor(entry.contentRect.width);
    paint();
  }).observe(root);

  subscribe(changed => {
    if (['runs', 'run', 'selection', 'hover'].some(name => changed.has(name))) {
      paint();
    }
    if (['runs', 'run', 'selection', 'worker', 'pace', 'replaying', 'model'].some(name => changed.has(name))) {
      buttons.show();
      speed.textContent = realSpeed(store.run());
      table.show();
    }
  });
  buttons.show();
}

/** For how many steps the chart has room. */
const room = run => Math.max(1, run.steps.length, run.end ? 0 : Math.min(ROOM, run.meta.maxTokens));

function bars(context, run, width, kind) {
  const values = measures(run)[kind];
  const most = kind === 'entropy' ? measures(run).largestEntropy || 1 : 1;
  const each = width / room(run);
  const bar = colour('--bar');
  const low = colour('--warning');
  context.fillStyle = colour('--line');
  context.fillRect(0, HEIGHT - 1, width, 1);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) {
      const height = Math.max(1, Math.min(1, values[i] / most) * (HEIGHT - 8));
      context.fillStyle = kind === 'probability' && values[i] < 0.2 ? low : bar;
      context.fillRect(i * each, HEIGHT - 1 - height, Math.max(1, each - (each > 3 ? 1 : 0)), height);
    }
  }
  outline(context, state.hover.step, each, colour('--faint'));
  outline(context, store.stepNumber(), each, colour('--chosen'));
}

function outline(context, step, each, style) {
  if (step >= 0) {
    context.strokeStyle = style;
    context.lineWidth = 2;
    context.strokeRect(step * each - 1, 1, Math.max(3, each + 1), HEIGHT - 2);
  }
}

function words(run, number) {
  const step = run.steps[number];
  if (!step?.sampling) {
    return `step ${number}: nothing was chosen`;
  }
  const {selection, entropy} = step.sampling;
  return `step ${number}: "${visible(selection.token)}", the model gave it ${percent(Math.exp(selection.logProbability))}`
      + `, entropy ${fixed(entropy)} nats`;
}

function controls() {
  const button = (id, sign, label, onclick) => h('button', {id, 'aria-label': label, title: label, onclick}, sign);
  const before = button('step-back', '◀', 'One step back (←)', () => {
    store.setReplaying(false);
    store.moveStep(-1);
  });
  const playing = button('play', 'Play', 'Play (Space)', play.toggle);
  const next = button('step-on', '▶', 'One step on', play.stepOnce);
  const stop = button('stop', 'Stop', 'Stop', play.stop);
  const least = h('button', {id: 'least', title: 'Go to the token that the model thought least probable (/)', onclick: play.selectLeastConfident}, 'Least confident');
  const follow = h('button', {id: 'follow', title: 'Follow the latest step again (Esc)', onclick: () => {
    store.setReplaying(false);
    store.select({step: null, token: null, candidate: null});
  }}, 'Latest');
  const place = h('span', {class: 'faint', id: 'place'});
  const pace = h('select', {id: 'pace', onchange: () => store.setPace(Number(pace.value))},
      PACES.map(([value, text]) => h('option', {value}, text)));
  return {
    element: h('div', {class: 'go'}, before, playing, next, stop, follow, least),
    place,
    pace: h('label', {class: 'faint'}, 'Pace ', pace),
    show() {
      const run = store.run();
      const steps = run?.steps.length ?? 0;
      const isPlaying = play.isPlaying();
      const live = play.isLive();
      playing.textContent = isPlaying ? 'Pause' : 'Play';
      const what = live ? 'the model' : 'a replay of this run';
      const label = (isPlaying ? 'Pause ' : 'Play ') + what + ' (Space)';
      const watching = live && !state.canControl ? 'This page may only watch' : null;
      for (const [element, text, off] of [
        [playing, label, !play.canPlay()],
        [next, live && store.following() ? 'Let the model do one step' : 'One step on (→)', steps === 0],
        [stop, live ? 'Stop the model' : 'End the replay', !live && !state.replaying],
        [before, 'One step back (←)', steps === 0]
      ]) {
        const barred = watching !== null && element !== before && !(element === next && !store.following());
        element.disabled = off || barred;
        element.title = barred ? watching : text;
        element.setAttribute('aria-label', element.title);
      }
      least.disabled = steps === 0;
      follow.disabled = store.following();
      place.textContent = steps === 0 ? '' : `step ${store.stepNumber()} of ${steps - 1}`;
      showPace(pace, store.pace());
    }
  };
}

/** Also a pace that another page set. */
function showPace(select, millis) {
  if (![...select.options].some(option => Number(option.value) === millis)) {
    select.append(h('option', {value: millis}, `${fixed(1000 / millis, 1)} tokens/s`));
  }
  if (document.activeElement !== select || Number(select.value) !== millis) {
    select.value = millis;
  }
}

function realSpeed(run) {
  const nanos = run ? typicalNanos(run) : null;
  if (nanos === null) {
    return '';
  }
  const slowed = store.pace() > nanos / 1e6 ? ' The pace slows it down so that one can follow.' : '';
  return `The model itself ${run.meta.recorded ? 'took' : 'takes'} ${milliseconds(nanos)} for a token, `
      + `${Math.round(1e9 / nanos)} tokens a second.${slowed}`;
}

/** The chart as a table, around the selected step. */
function twin() {
  const body = h('tbody');
  const element = h('details', {ontoggle: show}, h('summary', {class: 'faint'}, 'as a table'),
      h('table', {},
          h('thead', {}, h('tr', {}, ['Step', 'Token', 'Probability', 'Entropy'].map((head, i) =>
              h('th', {scope: 'col', class: i === 1 ? null : 'number'}, head)))),
          body));

  function show() {
    const run = store.run();
    if (element.open && run) {
      const at = store.stepNumber();
      fill(body, ...run.steps.slice(Math.max(0, at - AROUND), at + AROUND + 1).filter(step => step?.sampling)
          .map(step => row(run, step, at)));
    }
  }

  return {element, show};
}

function row(run, {step, sampling}, selected) {
  const index = chosenIndex(sampling);
  const {probability, token} = sampling.candidates[index];
  return h('tr', {'data-run': run.meta.run, 'data-step': step, class: step === selected ? 'selected-row' : null},
      h('td', {class: 'number'}, step),
      h('td', {class: 'mono'}, visible(token)),
      h('td', {class: 'number'}, field(`sampling.candidates[${index}].probability`, probability, percent(probability))),
      h('td', {class: 'number'}, field('sampling.entropy', sampling.entropy, fixed(sampling.entropy, 3))));
}
