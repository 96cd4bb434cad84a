// The stages of the sampler, one below the other: what entered, what was left, and how the
// probabilities of the likeliest changed.

import * as store from '../store.js';
import {h, field, fill} from '../dom.js';
import * as format from '../format.js';
import {mark, namer, light, selectable, origin} from '../token.js';

const COLUMNS = 20;

const penalty = what => `Lowers the logits of tokens that ${what}, against repetition.`;

/** By the name of a stage: its parameters in words, what it does, and what it does when it is idle. */
const STAGES = {
  penalties: {
    words: ({lastN, repetition, frequency, presence}) =>
      `last ${lastN} tokens: repetition ×${format.number(repetition)}, frequency ${format.number(frequency)}, presence ${format.number(presence)}`,
    does: penalty('were already there'),
    idle: ({lastN, repetition, frequency, presence}) => lastN === 0 || (repetition === 1 && frequency === 0 && presence === 0)
  },
  'repetition-penalty': {
    words: ({penalty: by, lastN}) => `×${by}, last ${lastN} tokens`, does: penalty('were already there'), idle: p => p.penalty === 1
  },
  'frequency-penalty': {
    words: ({penalty: by, lastN}) => `${by} each time, last ${lastN} tokens`, does: penalty('came often'), idle: p => p.penalty === 0
  },
  'presence-penalty': {
    words: ({penalty: by, lastN}) => `${by}, last ${lastN} tokens`, does: penalty('came at all'), idle: p => p.penalty === 0
  },
  'top-k': {words: ({k}) => (k === 0 ? 'no limit' : `the best ${k}`), does: 'Keeps the k likeliest candidates.', idle: ({k}) => k === 0},
  'top-p': {
    words: ({p}) => (p >= 1 ? 'no limit' : `up to ${format.percent(p)} together`),
    does: 'Keeps the likeliest until their probabilities add up to p.', idle: ({p}) => p >= 1
  },
  'min-p': {
    words: ({p}) => (p === 0 ? 'no limit' : `at least ${format.percent(p)} of the best`),
    does: 'Keeps those that are at least p times as likely as the best one.', idle: ({p}) => p === 0
  },
  temperature: {
    words: ({temperature}) => String(temperature),
    does: 'Removes nobody: below 1 the likely become likelier, above 1 all become more alike.', idle: p => p.temperature === 1
  },
  greedy: {words: () => '', does: 'Keeps the likeliest alone: no chance is involved.', idle: () => false},
  'logit-bias': {
    words: parameters => Object.entries(parameters).map(([id, bias]) => `#${id} ${bias}`).join(', '),
    does: 'Adds to the logits of chosen tokens, or bans them.', idle: p => Object.keys(p).length === 0
  }
};

const UNKNOWN = {
  words: parameters => Object.entries(parameters).map(([name, value]) => `${name} ${value}`).join(', '),
  does: 'A stage that this page does not know; its numbers are real all the same.', idle: () => false
};

export function mount(root) {
  let sampling = null;
  let resampled = false;
  let ids = []; // of the columns
  let tokenOf = () => null;

  const slid = h('span', {class: 'badge', hidden: true}, 'by the sliders');
  const follow = h('p', {class: 'faint follow'});
  const body = h('div', {class: 'chain', tabindex: 0, role: 'group', 'aria-label': 'Stages of the sampler; arrow keys follow a candidate through them'});
  const cells = h('div');
  const twin = h('details', {ontoggle: () => table()}, h('summary', {}, 'as a table'), cells);
  selectable(body, () => ids);
  root.append(h('h2', {}, 'The sampler, stage by stage ', slid),
      h('p', {class: 'faint caption'},
          'Each column is a candidate, the likeliest first; a × is where it was removed. Press one to follow it.'),
      body, follow, twin);

  /** The probabilities that a stage left, by id. */
  const after = stage => new Map(stage.best.map(each => [each.id, each.probability]));
  const removal = () => new Map(sampling.candidates.map(each => [each.token.id, each.removedBy]));

  /** state: 'alive', 'below' (left, but not among the best that the event has), 'removed' here, or 'gone' */
  function column(id, probability, most, state, what) {
    const bar = h('div', {class: 'fill'});
    bar.style.height = 100 * (probability ?? 0) / most + '%';
    const words = {alive: probability, below: 'left, but not among the best listed', removed: 'removed here', gone: 'removed before'};
    return h('div', {
      class: 'column ' + state + (id === sampling.selection.token.id ? ' chosen' : ''), 'data-candidate': id,
      title: `${format.visible(tokenOf(id))}: ${words[state]} (${what})`
    }, state === 'alive' ? bar : state === 'removed' ? h('span', {class: 'cross'}, '×') : '');
  }

  function columns(probabilities, removedBy, stage, what) {
    const stateOf = id => {
      const end = removedBy.get(id) ?? Infinity;
      return probabilities.has(id) ? 'alive' : end > stage ? 'below' : end === stage ? 'removed' : 'gone';
    };
    const most = Math.max(...ids.map(id => probabilities.get(id) ?? 0));
    return h('div', {class: 'columns'},
        ids.map(id => column(id, probabilities.get(id), most, stateOf(id), what)),
        h('span', {class: 'most faint', title: 'the highest bar: ' + most}, format.percent(most)));
  }

  function row(stage, i, removedBy) {
    const {words, does, idle} = STAGES[stage.name] ?? UNKNOWN;
    const show = (name, value, text) => field(`sampling.stages[${i}].${name}`, value, text, {resampled});
    const nothing = idle(stage.parameters);
    return h('div', {class: 'stage' + (nothing ? ' idle' : '')},
        h('div', {class: 'stage-head'},
            h('b', {}, stage.name), ' ', h('span', {title: JSON.stringify(stage.parameters)}, words(stage.parameters)),
            nothing ? h('span', {class: 'badge'}, 'off') : '',
            h('span', {class: 'faint time'}, show('nanos', stage.nanos, format.microseconds(stage.nanos)))),
        h('div', {class: 'faint'}, does),
        h('div', {title: 'how many candidates entered and were kept; the probability of those it removed'},
            show('entered', stage.entered, stage.entered), ' → ', show('kept', stage.kept, stage.kept), ' candidates · ',
            show('massRemoved', stage.massRemoved, format.percent(stage.massRemoved)), ' removed'),
        nothing ? '' : columns(after(stage), removedBy, stage.index, 'after ' + stage.name));
  }

  function show() {
    sampling = store.sampling();
    resampled = store.isResampled();
    slid.hidden = !resampled;
    for (const name of ['data-resampled', 'data-run', 'data-step']) {
      body.removeAttribute(name);
    }
    if (!sampling) {
      ids = [];
      fill(body, h('p', {class: 'faint'}, 'Nothing has been chosen yet.'));
      table();
      return;
    }
    for (const [name, value] of Object.entries(origin(resampled))) {
      body.setAttribute(name, value);
    }
    tokenOf = namer(sampling);
    const {candidates, selection, stages} = sampling;
    ids = candidates.slice(0, COLUMNS).map(({token}) => token.id);
    if (!ids.includes(selection.token.id)) {
      ids.push(selection.token.id);
    }
    const raw = new Map(candidates.map(each => [each.token.id, each.probability]));
    const removedBy = removal();
    fill(body,
        h('div', {class: 'stage'},
            h('div', {class: 'stage-head'}, h('b', {}, 'the model'), h('span', {}, ' as it said')),
            columns(raw, removedBy, -1, 'before the sampler')),
        stages.map((stage, i) => row(stage, i, removedBy)));
    story();
    table();
    light(root);
  }

  /** The candidate that is followed, in words. */
  function story() {
    const id = store.state.hover.candidate ?? store.state.selection.candidate;
    const candidate = sampling?.candidates.find(({token}) => token.id === id);
    fill(follow, candidate ? [mark(candidate.token), ': ', [
      `${format.percent(candidate.probability)} from the model`,
      ...sampling.stages.map(stage => [stage, after(stage).get(id)])
          .filter(([stage, p]) => p !== undefined || stage.index === candidate.removedBy)
          .map(([stage, p]) => (p === undefined ? `removed by ${stage.name}` : `${format.percent(p)} after ${stage.name}`))
    ].join(', ')] : '');
  }

  function table() {
    fill(cells);
    if (!twin.open || !sampling) {
      return;
    }
    const {stages, candidates} = sampling;
    const places = stages.map(stage => new Map(stage.best.map((each, place) => [each.id, place])));
    cells.append(h('div', {class: 'scroll', ...origin(resampled)}, h('table', {},
        h('tr', {}, ['token', 'the model', ...stages.map(stage => stage.name)].map(head => h('th', {scope: 'col'}, head))),
        ids.map(id => candidates.findIndex(({token}) => token.id === id)).map(index => {
          const {token, probability, removedBy} = candidates[index];
          return h('tr', {}, h('td', {}, mark(token)),
              h('td', {class: 'number'}, field(`sampling.candidates[${index}].probability`, probability, format.percent(probability), {resampled})),
              stages.map((stage, i) => {
                const place = places[i].get(token.id);
                return h('td', {class: 'number'}, place !== undefined
                  ? field(`sampling.stages[${i}].best[${place}].probability`, stage.best[place].probability,
                      format.percent(stage.best[place].probability), {resampled})
                  : removedBy === stage.index ? '×' : '');
              }));
        }))));
  }

  store.subscribe(changed => {
    if (store.sampling() !== sampling) {
      show();
    } else if (changed.has('hover') || changed.has('selection')) {
      story();
      light(root);
    }
  });
  show();
}
