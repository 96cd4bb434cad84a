// What was chosen at the selected step, and how sure the model was.

import * as store from '../store.js';
import {h, field, fill} from '../dom.js';
import * as format from '../format.js';
import {mark, origin} from '../token.js';

const CERTAIN = 0.95;
const CLEAR = 0.6;
const FEW = 5;
const MANY = 20;
const THRESHOLDS = 'By the best candidate before the sampler: almost certain from 95 %, clearly ahead from 60 %. '
    + 'Below that by the effective choices: a few up to 5, many from 20, several between.';

/** Small numbers with the digits that they have. */
const exact = value => (value !== 0 && Math.abs(value) < 0.001
  ? format.scientific(format.number(value)) : format.fixed(value, 4));

function verdict({candidates, effectiveChoices, selection}) {
  const best = candidates[0].probability;
  const sure = best >= CERTAIN ? 'The model was almost certain.'
      : best >= CLEAR ? 'One continuation was clearly ahead.'
      : effectiveChoices <= FEW ? 'A few continuations seemed about as good.'
      : effectiveChoices >= MANY ? 'Many continuations seemed possible.'
      : 'Several continuations seemed possible.';
  const taken = selection.forced ? ' This one was forced from outside.'
      : selection.rank === 1 ? ' It took its favourite.'
      : ` Chance took number ${selection.rank} on its list.`;
  return sure + taken;
}

/** What was chosen, in a column: of what happened, or of what the sliders would do. */
function choice(sampling, resampled) {
  const {selection} = sampling;
  const index = sampling.candidates.findIndex(({token}) => token.id === selection.token.id);
  const show = (path, value, text) => field('sampling.' + path, value, text, {resampled});
  const before = sampling.candidates[index].probability;
  return {
    token: mark(selection.token, {class: 'mono big' + (selection.token.special ? ' chip' : '')}),
    id: show('selection.token.id', selection.token.id, selection.token.id),
    before: show(`candidates[${index}].probability`, before, format.percent(before)),
    after: show('selection.probability', selection.probability, format.percent(selection.probability)),
    rank: show('selection.rank', selection.rank, selection.rank),
    rankAfter: show('selection.rankAfter', selection.rankAfter, selection.rankAfter || 'none')
  };
}

const ROWS = [
  ['token', 'Token', ''],
  ['id', 'Its id', 'its number in the vocabulary'],
  ['before', 'Probability before', 'what the model itself said, before the sampler'],
  ['after', 'Probability after', 'what it was drawn with, after all stages of the sampler'],
  ['rank', 'Rank before', 'its place among all tokens, 1 is the likeliest'],
  ['rankAfter', 'Rank after', 'its place among the candidates that the sampler left']
];

function table(happened, would) {
  const columns = [choice(happened, false), ...(would ? [choice(would, true)] : [])];
  const attributes = [origin(false), origin(true)];
  return h('table', {class: would ? 'facts two' : 'facts'},
      would ? h('tr', {}, h('td'), h('th', {}, 'happened'), h('th', {}, h('span', {class: 'badge'}, 'what the sliders would choose here'))) : '',
      ROWS.map(([name, title, meaning]) => h('tr', {},
          h('th', {title: meaning, scope: 'row'}, title),
          columns.map((column, i) => h('td', attributes[i], column[name])))));
}

function facts(step, steps) {
  const {sampling} = step;
  const {selection, entropy, effectiveChoices, margin} = sampling;
  return h('div', origin(false),
      h('p', {class: 'verdict', title: THRESHOLDS}, verdict(sampling)),
      h('p', {class: 'faint'},
          'Step ', field('step', step.step, step.step), ` of ${steps - 1} (counted from 0) · position `,
          field('sampling.selection.position', selection.position, selection.position),
          ' · chosen after reading ', field('prefix', step.prefix, step.prefix),
          step.prefix === 1 ? ' token' : ' tokens'),
      h('table', {class: 'facts'},
          h('tr', {}, h('th', {scope: 'row', title: 'how spread out the probabilities are before the sampler'}, 'Entropy'),
              h('td', {}, field('sampling.entropy', entropy, exact(entropy)), ' nats')),
          h('tr', {}, h('th', {scope: 'row', title: 'e to the power of the entropy'}, 'Effective choices'),
              h('td', {}, 'as uncertain as among ', field('sampling.effectiveChoices', effectiveChoices, format.fixed(effectiveChoices, 1)),
                  ' equally likely tokens')),
          h('tr', {}, h('th', {scope: 'row', title: 'the distance between the two largest logits, the raw scores'}, 'Margin'),
              h('td', {}, field('sampling.margin', margin, format.fixed(margin)), ' between the two best logits')),
          h('tr', {}, h('th', {scope: 'row', title: 'natural logarithm of the probability before the sampler'}, 'Log probability'),
              h('td', {}, field('sampling.selection.logProbability', selection.logProbability, exact(selection.logProbability))))));
}

export function mount(root) {
  const body = h('div');
  root.append(h('h2', {}, 'What was chosen'),
      h('p', {class: 'faint caption'}, 'One step: the token that was taken, and how sure the model was.'), body);

  function show() {
    const step = store.step();
    if (!step?.sampling) {
      fill(body, h('p', {class: 'faint'}, step ? 'Nothing was chosen in this step.' : 'Nothing has been generated yet.'));
      return;
    }
    fill(body,
        table(step.sampling, store.isResampled() ? store.sampling() : null),
        facts(step, store.run().steps.length));
  }

  let shown = [];
  store.subscribe(() => {
    const what = [store.step(), store.sampling(), store.run()?.steps.length];
    if (what.some((each, i) => each !== shown[i])) {
      shown = what;
      show();
    }
  });
  show();
}
