// The five stages from the tokens read to the next one, each with what came out of it at the
// selected step. Pressing one explains it and opens its view.

import * as store from '../store.js';
import {h, field, fill, canvas, onTheme} from '../dom.js';
import {diverging, css} from '../colour.js';
import * as format from '../format.js';
import {attentionOf, meanOfHeads, kept} from '../pattern.js';
import {latest, atMostEvery} from '../latest.js';
import {mark, tokenAt, origin} from '../token.js';

const EMBED = 'hook_embed';
const VALUES = 64; // of the embedding, as many as there is room for
const BETWEEN_REDRAWS = 100; // ms
const CALLED = 1500; // ms

const NORMS = [
  ['blocks.*.hook_resid_post', 'after the layer', 'resid'],
  ['blocks.*.hook_attn_out', 'added by attention', 'attn'],
  ['blocks.*.hook_mlp_out', 'added by the feed-forward network', 'mlp']
];

const sub = text => h('sub', {}, text);
const sup = (...parts) => h('sup', {}, ...parts);

const STAGES = [
  {
    name: 'embed', title: 'Embed', opens: 'tokens',
    formula: () => ['x = E[token]'],
    words: ['Each token is a number, its id. The id picks a row of a table E, and that row is a list of numbers, the embedding, '
        + 'which training has made so that tokens of like meaning have like rows.',
    'The strip shows the embedding of the last token read: blue below zero, orange above.']
  },
  {
    name: 'attend', title: 'Attend', opens: 'attention',
    formula: () => ['Attention(Q, K, V) = softmax(QKᵀ / √d) V'],
    short: 'softmax( QKᵀ / √d ) V', // the button is narrow
    words: ['In each layer every head compares what the last token asks for (Q) with what each earlier token offers (K), and takes of their contents (V) '
        + 'by how well they match.',
    'Behind attention a feed-forward network works on each token alone. Both add what they found to a running sum, the residual; '
        + 'below is its length layer by layer.']
  },
  {
    name: 'logits', title: 'Logits', opens: 'candidates',
    formula: () => ['logits = W norm(x)'],
    words: ['What the last layer left is compared with every token of the vocabulary. Each gets a score, its logit.',
      'Only differences between logits count: one more is 2.7 times as likely.']
  },
  {
    name: 'softmax', title: 'Softmax', opens: 'candidates',
    formula: () => ['softmax(x)', sub('i'), ' = e', sup('x', sub('i')), ' / Σ', sub('j'), ' e', sup('x', sub('j'))],
    words: ['The scores become probabilities: all are positive and they sum up to 1.']
  },
  {
    name: 'select', title: 'Select', opens: 'draw',
    formula: () => ['first i with p', sub('1'), ' + … + p', sub('i'), ' > u'],
    words: ['The sampler removes what is too unlikely and reshapes the rest; then a random number u decides.',
      'The chosen token is appended, and all five stages begin again with it.']
  }
];

export function mount(root) {
  let explained = null; // the step whose numbers the explanation has
  let calling = 0;
  let open = null; // the name of the stage that is explained
  let embedding = null; // {run, step, values} or {failure}
  let attention = null; // {run, position, attention} or {failure}

  const strip = canvas({class: 'embed-strip', onmousemove: event => point(event)});
  const outs = new Map(STAGES.map(({name}) => [name, h('span', {class: 'out'})]));
  const buttons = STAGES.map(stage => h('button', {
    class: 'step', 'aria-expanded': 'false', 'aria-controls': 'pipeline-details', onclick: () => press(stage)
  }, h('b', {}, stage.title), outs.get(stage.name), h('span', {class: 'formula'}, stage.short ?? stage.formula())));
  const details = h('div', {id: 'pipeline-details'});
  const flow = h('div', {class: 'flow'}, buttons.flatMap((button, i) => (i ? [h('span', {class: 'arrow', 'aria-hidden': 'true'}, '→'), button] : [button])));
  root.append(h('h2', {}, 'From text to the next token'),
      h('p', {class: 'faint caption'}, 'Five stages make every token. Press one to read what it does and to open its view.'), flow, details);

  const loadEmbedding = latest(({run, step}) => kept(run, step, EMBED, {}), (wish, tensor, failure) => {
    embedding = {...wish, values: tensor?.values, failure};
    paintEmbedding();
  });
  const loadAttention = latest(({run, position}) => attentionOf(run, position), (wish, answer, failure) => {
    attention = {...wish, attention: answer, failure};
    paintAttention();
  });

  function press(stage) {
    open = open === stage.name ? null : stage.name;
    buttons.forEach((button, i) => button.setAttribute('aria-expanded', String(STAGES[i].name === open)));
    explain();
    if (open === null) {
      return;
    }
    if (['attention', 'tokens'].includes(stage.opens)) {
      store.select({tab: stage.opens});
    }
    const view = document.getElementById(stage.opens);
    view.scrollIntoView({block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
    call(view);
  }

  /** Marks a view for a moment. */
  function call(view) {
    clearTimeout(calling);
    document.querySelector('.called')?.classList.remove('called');
    requestAnimationFrame(() => view.classList.add('called'));
    calling = setTimeout(() => view.classList.remove('called'), CALLED);
  }

  function explain() {
    const stage = STAGES.find(({name}) => name === open);
    explained = store.step();
    fill(details, stage ? [
      h('p', {}, h('span', {class: 'formula'}, stage.formula())),
      ...stage.words.map(words => h('p', {}, words)),
      stage.name === 'attend' ? norms() : ''
    ] : '');
  }

  /** The lengths of the residual and of what is added to it, layer by layer, at the last position. */
  function norms() {
    const step = store.step();
    if (!step?.norms) {
      return '';
    }
    return h('div', {class: 'norms', ...origin(false)}, NORMS.filter(([hook]) => step.norms[hook]).map(([hook, words, kind]) => {
      const values = step.norms[hook].map(format.number);
      const most = Math.max(...values);
      const bars = values.map((value, layer) => {
        const bar = h('span', {class: kind, title: `${hook.replace('*', layer)}: ${value}`});
        bar.style.height = Math.max(2, 100 * value / most) + '%';
        return bar;
      });
      return h('div', {}, h('div', {class: 'faint'}, words), h('div', {class: 'spark'}, bars),
          h('div', {class: 'faint'}, 'layer 0 to ', values.length - 1, ', last ',
              field(`norms['${hook}'][${values.length - 1}]`, step.norms[hook].at(-1), format.fixed(values.at(-1), 1))));
    }), h('details', {}, h('summary', {}, 'as a table'), h('div', {class: 'scroll'}, h('table', {},
        h('tr', {}, h('th', {}, 'layer'), NORMS.map(([, words]) => h('th', {class: 'number'}, words))),
        step.norms[NORMS[0][0]]?.map((_, layer) => h('tr', {}, h('td', {}, layer),
            NORMS.map(([hook]) => h('td', {class: 'number'},
                field(`norms['${hook}'][${layer}]`, step.norms[hook][layer], format.fixed(step.norms[hook][layer], 2))))))))));
  }

  function paintEmbedding() {
    const [run, step] = [store.run(), store.step()];
    const out = outs.get('embed');
    if (!step) {
      fill(out, '–');
      return;
    }
    const token = tokenAt(run, step.prefix - 1);
    const head = token ? [mark(token), ` id ${token.id}`] : ['position ', step.prefix - 1];
    if (embedding?.run !== run || embedding.step !== step.step) {
      return; // its values are on the way; the strip before it stays until then
    }
    if (!embedding.values) {
      fill(out, head, h('span', {class: 'faint'}, 'values not kept'));
      return;
    }
    const {values} = embedding;
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    const shown = Math.min(VALUES, values.length);
    fill(out, head, strip.canvas, h('span', {class: 'faint', title: String(length)}, `length ${format.fixed(length, 2)}, ${values.length} numbers`));
    strip.draw(shown * 2, 12, context => {
      for (let i = 0; i < shown; i++) {
        context.fillStyle = css(diverging(values[i] / most));
        context.fillRect(2 * i, 0, 2, 12);
      }
    });
    strip.canvas.setAttribute('role', 'img');
    strip.canvas.setAttribute('aria-label', `The first ${shown} of ${values.length} numbers of the embedding`);
  }

  function point(event) {
    const index = Math.floor((event.clientX - strip.canvas.getBoundingClientRect().left) / 2);
    const value = embedding?.values?.[index];
    strip.canvas.title = value === undefined ? '' : `number ${index} of ${embedding.values.length}: ${value}`;
  }

  function paintAttention() {
    const [run, step] = [store.run(), store.step()];
    const out = outs.get('attend');
    if (!step) {
      fill(out, '–');
      return;
    }
    if (attention?.run !== run || attention.position !== step.prefix - 1) {
      return;
    }
    if (!attention.attention) {
      fill(out, h('span', {class: 'faint'}, 'attention not kept'));
      return;
    }
    const layer = Math.min(store.state.selection.layer, attention.attention.layers - 1);
    const mean = meanOfHeads(attention.attention, layer);
    const key = mean.reduce((best, value, k) => (value > mean[best] ? k : best), 0);
    const token = tokenAt(run, key);
    fill(out, 'most at ', token ? mark(token) : '#' + key, ' ', h('span', {title: String(mean[key])}, format.percent(mean[key])),
        h('span', {class: 'faint', title: 'mean of the heads'}, `layer ${layer}, position ${key}`));
  }

  function paint() {
    const [run, step] = [store.run(), store.step()];
    const sampling = step?.sampling;
    for (const name of ['data-run', 'data-step']) {
      flow.removeAttribute(name);
    }
    for (const [name, value] of Object.entries(step ? origin(false) : {})) {
      flow.setAttribute(name, value);
    }
    const show = (path, value, text) => field('sampling.' + path, value, text);
    const best = sampling?.candidates[0];
    fill(outs.get('logits'), best
      ? ['largest ', show('candidates[0].logit', best.logit, format.fixed(best.logit)), h('span', {class: 'faint'}, 'of ', show('vocabulary', sampling.vocabulary, sampling.vocabulary))]
      : '–');
    fill(outs.get('softmax'), best
      ? [mark(best.token), ' ', show('candidates[0].probability', best.probability, format.percent(best.probability)), h('span', {class: 'faint'}, 'the likeliest')]
      : '–');
    fill(outs.get('select'), sampling
      ? [mark(sampling.selection.token, {class: 'mono strong' + (sampling.selection.token.special ? ' chip' : '')}),
        h('span', {class: 'faint'}, 'rank ', show('selection.rank', sampling.selection.rank, sampling.selection.rank), ' of the model')]
      : '–');
    if (step) {
      loadEmbedding({run, step: step.step});
      loadAttention({run, position: step.prefix - 1});
    } else {
      paintEmbedding();
      paintAttention();
    }
    if (open === 'attend' && explained !== step && !details.querySelector('details[open]')?.contains(document.activeElement)) {
      const twin = details.querySelector('details')?.open;
      explain();
      details.querySelector('details')?.toggleAttribute('open', twin === true);
    }
  }

  const update = atMostEvery(BETWEEN_REDRAWS, paint);
  let shown = [];
  store.subscribe(() => {
    const what = [store.step(), store.state.selection.layer];
    if (what.some((each, i) => each !== shown[i])) {
      shown = what;
      update();
    }
  });
  onTheme(paintEmbedding);
  paint();
}
