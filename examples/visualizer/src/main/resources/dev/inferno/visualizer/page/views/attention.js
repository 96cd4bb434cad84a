// Attention: which earlier tokens the model looked at. One head over the whole run, one position as
// text, and all heads of that position at once.

import * as store from '../store.js';
import {h, fill, onTheme} from '../dom.js';
import {attentionOf, meanOfHeads, excuse} from '../pattern.js';
import {latest, atMostEvery} from '../latest.js';
import {stepOf} from '../token.js';
import {triangle} from './attention/triangle.js';
import {heads} from './attention/heads.js';
import {reading} from './attention/reading.js';

const BETWEEN_REDRAWS = 100; // ms

export function mount(root) {
  const options = {mean: false, hideFirst: false, logarithmic: false};
  const over = triangle();
  const all = heads();
  const text = reading();
  const message = h('p', {class: 'faint'});
  const note = h('p', {class: 'faint caption'});
  const [layer, head] = ['layer', 'head'].map(what => h('select', {
    'aria-label': what, onchange: event => store.select({[what]: Number(event.target.value)})
  }));
  const toggle = (name, words, title) => h('label', {title}, h('input', {
    type: 'checkbox', onchange: event => {
      options[name] = event.target.checked;
      head.disabled = options.mean;
      update();
    }
  }), ' ' + words);
  const oneTitle = h('h3');
  const panels = h('div', {class: 'panels'},
      h('div', {role: 'region', 'aria-label': 'One head over the run'}, oneTitle, over.element),
      h('div', {role: 'region', 'aria-label': 'What the position looks at'}, h('h3', {}, 'What the position looks at'), text.element),
      h('div', {role: 'region', 'aria-label': 'All layers and heads'}, h('h3', {}, 'All layers and heads at this position'), all.element));
  root.append(
      h('h2', {}, 'Attention'),
      h('p', {class: 'faint caption'},
          'To choose the next token the model looks back at earlier ones. A weight says how much of each it takes; the weights of a row sum up to 1.'),
      h('div', {class: 'row'}, h('label', {}, 'Layer ', layer), h('label', {}, 'Head ', head),
          toggle('mean', 'mean of the heads', 'the mean over all heads of the layer'),
          toggle('hideFirst', 'hide the first token', 'much attention rests on the first token when nothing else is worth it; the other weights stay as they are'),
          toggle('logarithmic', 'log colours', 'shows small weights too')),
      note, message, panels);

  let shown = null; // {run, attention}: of the position that is shown

  const load = latest(({run, position}) => attentionOf(run, position), (wish, attention, failure) => {
    shown = failure ? null : {run: wish.run, attention};
    message.textContent = failure ? excuse(failure) : '';
    paintPosition();
  });

  /** The position to show: the selected token if it passed through the model, else the last one read. */
  function position(run, step) {
    const {token} = store.state.selection;
    const last = step.prefix - 1;
    if (token === null || token < run.firstPosition) {
      return {position: last, passed: true};
    }
    const passed = run.steps[stepOf(run, token)] !== undefined;
    return {position: passed ? token : last, passed};
  }

  function paintPosition() {
    const there = shown !== null && shown.run === store.run();
    for (const {element} of [all, text]) {
      element.parentElement.hidden = !there;
    }
    if (!there) {
      return;
    }
    const {run, attention} = shown;
    const at = store.state.selection;
    const [l, hd] = [Math.min(at.layer, attention.layers - 1), Math.min(at.head, attention.heads - 1)];
    all.show({run, attention, options});
    text.show({
      run, position: attention.position, options,
      weights: options.mean ? meanOfHeads(attention, l) : attention.at(l, hd),
      what: options.mean ? `layer ${l}, mean of ${attention.heads} heads` : `layer ${l}, head ${hd}`
    });
  }

  function choices(select, count, selected) {
    if (select.options.length !== count) {
      fill(select, Array.from({length: count}, (_, i) => h('option', {value: i}, i)));
    }
    select.value = Math.min(selected, count - 1);
  }

  function paint() {
    const {selection} = store.state;
    root.hidden = selection.tab !== 'attention';
    const [run, step] = [store.run(), store.step()];
    panels.hidden = !step;
    if (root.hidden) {
      return;
    }
    if (!step) {
      message.textContent = 'Nothing has been generated yet.';
      return;
    }
    const {layers, heads: headCount} = run.meta.model;
    choices(layer, layers, selection.layer);
    choices(head, headCount, selection.head);
    const l = Math.min(selection.layer, layers - 1);
    const hd = Math.min(selection.head, headCount - 1);
    oneTitle.textContent = options.mean ? `Layer ${l}, mean of the heads, over the whole run` : `Layer ${l}, head ${hd}, over the whole run`;
    const wanted = position(run, step);
    note.textContent = wanted.passed ? ''
      : 'The selected token has not passed through the model yet; shown is the position it was chosen from.';
    const steps = Math.max(step.step, stepOf(run, wanted.position));
    over.show({
      run, key: [run.order, l, options.mean ? 'mean' : hd].join(), query: options.mean ? {layer: l, mean: 'head'} : {layer: l, head: hd},
      steps, count: run.steps[steps].prefix, marked: wanted.position, options: {...options}
    });
    if (shown?.run !== run || shown.attention.position !== wanted.position) {
      load({run, position: wanted.position});
    } else {
      paintPosition();
    }
  }

  const update = atMostEvery(BETWEEN_REDRAWS, paint);
  store.subscribe(changed => {
    if (changed.has('selection') || changed.has('runs')) {
      update();
    }
  });
  onTheme(() => {
    over.repaint();
    all.repaint();
  });
  paint();
}
