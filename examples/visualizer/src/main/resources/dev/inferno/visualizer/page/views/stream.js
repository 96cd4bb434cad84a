// The text of the selected run, coloured by how probable the model thought each token.

import {field, fill, h} from '../dom.js';
import {percent, visible} from '../format.js';
import {chosenIndex} from '../measures.js';
import * as store from '../store.js';
import {placeOf, RunText, scrollToEnd, titleOf} from '../text.js';

const {state, subscribe} = store;

const LEGEND = ['below 20 %', '20–40', '40–60', '60–80', 'from 80 %'];
const SHORT = 60; // characters of a prompt in the picker

export function mount(root) {
  const picker = h('select', {id: 'runs', 'aria-label': 'Run', onchange: () => store.select({run: picker.value})});
  const blanks = h('input', {type: 'checkbox', id: 'blanks', onchange: () => draw()});
  const box = h('div', {
    id: 'text', tabindex: '0', role: 'group', 'aria-label': 'The text, token by token: left and right move through it'
  });
  const readout = h('p', {class: 'readout', id: 'readout'});
  const caption = h('p', {class: 'faint', id: 'stream-caption'});
  const text = new RunText(box);
  root.append(
      h('div', {class: 'heading'}, h('h2', {}, 'Text'), picker, h('label', {class: 'faint'}, blanks, 'show blanks')),
      caption, box, readout,
      h('div', {class: 'legend', 'aria-label': 'Legend: the probability that the model gave the token'},
          h('span', {class: 'faint'}, 'the model gave it'),
          LEGEND.map((words, i) => h('span', {class: 'token c' + i}, words))));

  box.addEventListener('click', event => {
    const mark = text.markOf(event);
    if (mark) {
      selectPlace(placeOf(mark));
    }
  });
  box.addEventListener('mouseover', event => {
    const mark = text.markOf(event);
    if (mark) {
      mark.title ||= titleOf(mark);
      store.hover(placeOf(mark));
    }
  });
  box.addEventListener('mouseleave', () => store.hover(null));
  box.addEventListener('keydown', event => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (by && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const mark = text.marks.get((selectedPosition() ?? 0) + by);
      if (mark) {
        event.preventDefault();
        selectPlace(placeOf(mark));
      }
    }
  });

  let shown = -1;
  function draw() {
    const run = store.run();
    const grown = text.show(run, blanks.checked);
    const latest = run ? run.steps.length : -1;
    const selected = text.mark('selected', selectedPosition());
    text.mark('hovered', state.hover.token ?? positionOf(state.hover.step));
    if (grown && store.following()) {
      scrollToEnd(box);
    } else if (selected && shown === latest) {
      setTimeout(() => keepInSight(box, selected));
    }
    shown = latest;
    drawReadout();
  }

  function drawReadout() {
    const run = store.run();
    const position = state.hover.token ?? positionOf(state.hover.step) ?? selectedPosition();
    const mark = text.marks.get(position);
    if (!mark) {
      fill(readout, ' ');
    } else if (mark.dataset.step === undefined) {
      fill(readout, chip(mark.token), ` id ${mark.token.id}, position ${position}, a token of the prompt`);
    } else {
      const number = Number(mark.dataset.step);
      fill(readout, ...reading(run, run.steps[number]));
    }
  }

  function drawCaption() {
    const run = store.run();
    caption.textContent = run === null ? nothingYet()
        : run.meta.recorded ? 'A recorded run that ships with this page. Click a token to look into its step.'
        : 'Grey: the prompt. Each coloured piece is one token, the next one chosen by the model. Click one to look into its step.';
  }

  const options = new Map(); // by run
  function drawPicker() {
    for (const [name, option] of options) {
      if (!state.runs.has(name)) {
        option.remove();
        options.delete(name);
      }
    }
    for (const [name, {meta}] of state.runs) {
      if (!options.has(name)) {
        const option = h('option', {value: name}, title(meta));
        options.set(name, option);
        picker.prepend(option);
      }
    }
    picker.value = state.selection.run ?? '';
    picker.hidden = options.size === 0;
  }

  drawCaption();
  subscribe(changed => {
    if (changed.has('runs') || changed.has('selection')) {
      drawPicker();
    }
    if (['runs', 'selection', 'model'].some(name => changed.has(name))) {
      drawCaption();
    }
    if (['runs', 'run', 'selection', 'hover'].some(name => changed.has(name))) {
      draw();
    }
  });
}

function title({run, recorded, label, prompt}) {
  const words = label || prompt;
  const short = words.length > SHORT ? words.slice(0, SHORT) + '…' : words;
  return recorded ? 'a recorded run: ' + prompt : `${run}: ${short.replaceAll('\n', '↵')}`;
}

function nothingYet() {
  return state.model?.status === 'failed' ? 'There is no model, so nothing can be generated.'
      : state.model?.status === 'ready' ? 'Nothing was generated yet.' : 'The model is being loaded.';
}

/** A token of the prompt is selected by its position, one that was chosen by its step. */
function selectPlace({step, token}) {
  store.setReplaying(false);
  store.select(step === undefined ? {token, candidate: null} : {step, token: null, candidate: null});
}

const positionOf = step => store.run()?.steps[step]?.sampling?.selection.position;

const selectedPosition = () => state.selection.token ?? positionOf(store.stepNumber());

function keepInSight(box, mark) {
  const top = mark.offsetTop - box.offsetTop;
  if (top < box.scrollTop) {
    box.scrollTop = top - 4;
  } else if (top + mark.offsetHeight > box.scrollTop + box.clientHeight) {
    box.scrollTop = top + mark.offsetHeight - box.clientHeight + 4;
  }
}

const chip = token => h('span', {class: token.special ? 'mono chip' : 'mono piece'}, visible(token));

/** What happened at a step: its token and how probable it was, not what the sliders would choose. */
function reading(run, step) {
  const {sampling} = step;
  const {selection} = sampling;
  const index = chosenIndex(sampling);
  const {probability} = sampling.candidates[index];
  return [h('span', {'data-run': run.meta.run, 'data-step': step.step},
      chip(selection.token), ' id ', field('sampling.selection.token.id', selection.token.id, selection.token.id),
      ' · the model gave it ', field(`sampling.candidates[${index}].probability`, probability, percent(probability)),
      ', rank ', field('sampling.selection.rank', selection.rank, selection.rank), ' of ',
      field('sampling.vocabulary', sampling.vocabulary, sampling.vocabulary),
      ` · step ${step.step}, position `, field('sampling.selection.position', selection.position, selection.position))];
}
