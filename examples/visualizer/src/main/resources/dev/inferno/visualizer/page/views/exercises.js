// The three exercises of the guide "Understanding LLM Inference", each by one click.

import {h} from '../dom.js';
import * as store from '../store.js';
import {tokenize} from '../tokenizer.js';

const {state, subscribe} = store;

const chat = text => `<|user|>${text}<|end|>\n<|assistant|>`;

const STYLES = [
  'Write a story', 'Write a short story about a robot', 'What is AI?', 'Explain artificial intelligence in simple terms'
];

/** What an exercise runs: {label, prompt} and what of the sampler differs from the defaults. */
const EXERCISES = [
  {
    id: 'confidence', title: '1  Confidence', maxTokens: 12,
    words: 'Some texts have one likely next word, others many. Compare the colours of the first words.',
    runs: ['The capital of France is', 'In my opinion, the best movie is', 'Once upon a time']
        .map(prompt => ({label: prompt, prompt}))
  },
  {
    id: 'temperature', title: '2  Temperature', maxTokens: 40,
    words: 'One prompt, one seed, three temperatures: from safe to wild.',
    runs: [0.1, 0.7, 1.2].map(temperature => ({label: 'temperature ' + temperature, prompt: 'Once upon a time', temperature}))
  },
  {
    id: 'styles', title: '3  Prompt styles', maxTokens: 48, chat: true,
    words: 'The same wish said in two ways, as a message to an assistant.',
    runs: STYLES.map(text => ({label: text, prompt: chat(text)}))
  }
];

const SEED = '1'; // that of the guide's texts

let groups = 0;

export function mount(root) {
  const chatNote = h('p', {class: 'warning', id: 'chat-note'});
  const buttons = EXERCISES.map(exercise => h('button', {
    id: 'exercise-' + exercise.id, onclick: () => start(exercise)
  }, 'Run all ' + exercise.runs.length));
  root.append(
      h('h2', {}, 'Three exercises'),
      h('p', {class: 'faint'}, `With the default settings and seed ${SEED}; the texts appear side by side.`),
      ...EXERCISES.map((exercise, i) => h('article', {class: 'exercise', 'aria-label': exercise.title},
          h('div', {class: 'go'}, h('h3', {}, exercise.title), buttons[i]),
          h('p', {class: 'faint'}, exercise.words),
          exercise.chat ? chatNote : null,
          exercise.id === 'temperature' ? null : h('div', {class: 'prompts'}, exercise.runs.map(fillButton)))));

  function show() {
    const why = !state.canControl ? 'This page may only watch.'
        : state.model?.status !== 'ready' ? 'The model is not ready yet.' : '';
    buttons.forEach(button => {
      button.disabled = why !== '';
      button.title = why;
    });
  }

  show();
  subscribe(async changed => {
    if (changed.has('model')) {
      show();
      chatNote.textContent = await chatWarning();
    }
  });
}

const fillButton = ({label, prompt}) => h('button', {
  class: 'small', title: 'Put this into the prompt box', disabled: !state.canControl,
  onclick: () => store.setDraft({prompt, parseSpecial: true})
}, label);

async function start({id, maxTokens, runs}) {
  const group = `${id}-${Date.now().toString(36)}-${++groups}`;
  store.setDraft({prompt: runs[0].prompt, parseSpecial: true});
  scrollTo({top: 0, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth'});
  for (const {label, prompt, temperature} of runs) {
    const sampler = {...store.defaultSampler(), ...(temperature === undefined ? {} : {temperature})};
    const accepted = await store.generate({prompt, parseSpecial: true, maxTokens, sampler, group, label, seed: SEED});
    if (accepted === null) {
      return; // the notice says why
    }
  }
}

/** Whether this model's messages look otherwise than those of the exercise. */
async function chatWarning() {
  const tokens = await tokenize('<|assistant|>', true);
  const own = tokens?.filter(token => token.byteEnd > token.byteStart);
  return !own || (own.length === 1 && own[0].special) ? ''
      : 'This model does not know these marks: to it <|assistant|> is ' + own.length
          + ' ordinary tokens, and its own messages look otherwise. The comparison still runs, but as plain text.';
}
