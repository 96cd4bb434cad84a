// The runs that were sent together, side by side.

import {fill, h} from '../dom.js';
import {fixed, percent} from '../format.js';
import {measures} from '../measures.js';
import * as store from '../store.js';
import {placeOf, RunText, scrollToEnd, titleOf} from '../text.js';

const {state, subscribe} = store;

export function mount(root) {
  let shown = '';
  let lanes = [];

  function draw() {
    const runs = store.group();
    const names = runs.length > 1 ? runs.map(run => run.meta.run).join(' ') : '';
    if (names !== shown) {
      shown = names;
      lanes = names === '' ? [] : runs.map(() => lane());
      fill(root, ...(names === '' ? [] : [
        h('h2', {}, 'Side by side'),
        h('p', {class: 'faint'}, 'The runs that were sent together. Click a token to look into its step.'),
        h('div', {class: 'lanes'}, lanes.map(each => each.element))
      ]));
    }
    lanes.forEach((each, i) => each.show(runs[i]));
  }

  subscribe(changed => {
    if (changed.has('runs') || changed.has('selection') || changed.has('run')) {
      draw();
    }
  });
}

function lane() {
  const label = h('button', {class: 'lane-label', onclick: () => store.select({run: text.run.meta.run})});
  const box = h('div', {class: 'lane-text', tabindex: '0', role: 'group'});
  const means = h('div', {class: 'faint lane-means'});
  const text = new RunText(box);
  const element = h('article', {class: 'lane'}, label, box, means);
  box.addEventListener('click', event => {
    const mark = text.markOf(event);
    const place = mark ? placeOf(mark) : {};
    store.setReplaying(false);
    store.select({
      run: text.run.meta.run, step: place.step ?? null, token: place.step === undefined ? place.token ?? null : null, candidate: null
    });
  });
  box.addEventListener('mouseover', event => {
    const mark = text.markOf(event);
    if (mark) {
      mark.title ||= titleOf(mark);
    }
  });
  let end = null;
  return {
    element,
    show(run) {
      const selected = run === store.run();
      const anew = run !== text.run;
      const grown = text.show(run);
      if (anew) {
        label.textContent = run.meta.label || run.meta.run;
        box.setAttribute('aria-label', 'The text of ' + label.textContent);
      }
      element.classList.toggle('selected-lane', selected);
      label.setAttribute('aria-pressed', selected);
      const position = run.steps[store.stepNumber()]?.sampling?.selection.position;
      text.mark('selected', selected ? state.selection.token ?? position : undefined);
      if (grown && (!selected || store.following())) {
        scrollToEnd(box);
      }
      if (grown || anew || end !== run.end) {
        end = run.end;
        fill(means, ...summary(run));
      }
    }
  };
}

function summary(run) {
  const {chosen, probability, entropy, probabilitySum, entropySum} = measures(run);
  const state = run.end ? `${run.end.generatedTokens} tokens, ${run.end.reason}` : 'goes on';
  const sure = (what, p, nats) => `${what}: ${percent(p)}, entropy ${fixed(nats, 4)} nats`;
  return [
    Number.isFinite(probability[0]) && sure('First token', probability[0], entropy[0]),
    chosen > 0 && sure('On average', probabilitySum / chosen, entropySum / chosen),
    state
  ].filter(line => line).map(line => h('p', {}, line));
}
