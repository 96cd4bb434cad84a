// What the page knows: the events as they came, what is selected, and the sliders. Views read it and
// are told when it changes; only here, and by the events of the server, it is changed. One selection is
// shared by all views.

import * as wire from './wire.js';

const DEFAULT_SAMPLER = {
  temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, repetitionPenalty: 1, frequencyPenalty: 0,
  presencePenalty: 0, penaltyLastN: 64, greedy: false
};

// How many candidates each step of a new run has; more are had by making a choice again.
const LEAST_TOP = 20;
const MOST_TOP = 50;

const BETWEEN_EVENTS = 60; // ms

export const defaultSampler = () => ({...DEFAULT_SAMPLER});

/**
 * The state. Views read it and never write.
 *
 * runs: name -> {order, meta, prompt, firstPosition, steps, end}; order counts them, meta is the `run`
 * event, prompt its tokens, steps its `step` events by number, end its `run-end` event or null.
 *
 * selection: run (a name), step (a number, or null for the latest), token (an absolute position or
 * null), layer, head, candidate (a token id or null), tab.
 *
 * hover: what the mouse or the focus is on, the same fields, each of them may be absent.
 */
export const state = {
  link: 'connecting', // 'open', 'lost'
  settled: false, // whether everything is here that had happened before the page connected
  canControl: wire.canControl,
  dropped: 0, // events that are not here
  keptFrom: null, // {run, step}: the oldest step of which the server keeps tensors, null if all
  model: null, // the latest `model` event
  worker: {status: 'idle', queued: 0, pace: 0}, // the latest `state` event
  runs: new Map(),
  selection: {run: null, step: null, token: null, layer: 0, head: 0, candidate: null, tab: 'attention'},
  hover: {},
  sampler: defaultSampler(), // the sliders
  seed: '', // of the next run and of choices made again; empty: a fresh one, and the run's own
  draft: {prompt: 'Once upon a time', parseSpecial: true, maxTokens: 64}, // of the next run
  pace: null, // milliseconds that a step takes at least, null: what suits the model, see pace()
  replaying: false, // whether a run that is over is played through the selection
  top: 10, // how many candidates are shown
  resampled: null, // {run, step, asRun, sampling}, run of runs: what the sliders would choose at the selected step
  failure: '' // what went wrong last
};

const listeners = new Set();
let announced = new Set();
let scheduled = ''; // 'now' or 'soon', if the views are to be told
let last = 0; // when they were
let timer = 0;

/** Calls `listener(changed)` once a frame after something changed: a Set of names of the state. */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells the views what somebody changed, in the next frame. */
export function changed(...names) {
  names.forEach(name => announced.add(name));
  if (scheduled !== 'now') {
    scheduled = 'now';
    clearTimeout(timer);
    if (document.hidden) {
      setTimeout(announce, 100); // a hidden page gets no frames
    } else {
      requestAnimationFrame(announce);
    }
  }
}

/** Tells the views what happened, a few times a second: a model may be faster than the eye. */
export function happened(...names) {
  names.forEach(name => announced.add(name));
  if (scheduled === '') {
    scheduled = 'soon';
    timer = setTimeout(changed, last + BETWEEN_EVENTS - performance.now());
  }
}

function announce() {
  scheduled = '';
  last = performance.now();
  const names = announced;
  announced = new Set();
  for (const listener of listeners) {
    try {
      listener(names);
    } catch (e) {
      reportError(e); // a view that fails leaves the others alone
    }
  }
}

// What is selected.

/** The selected run, or null. */
export const run = () => state.runs.get(state.selection.run) ?? null;

/** The number of the selected step, or -1 if there is none yet. */
export function stepNumber() {
  const steps = run()?.steps ?? [];
  const step = state.selection.step ?? steps.length - 1;
  return Math.min(step, steps.length - 1);
}

/** The `step` event of the selected step, or null. */
export const step = () => run()?.steps[stepNumber()] ?? null;

/** Whether the selection follows the latest step. */
export const following = () => state.selection.step === null;

/**
 * The sampling to show: what the sliders would choose at the selected step where they differ from
 * what the run had, else what happened. null if there is none.
 */
export function sampling() {
  const happened = step()?.sampling ?? null;
  return isResampled() ? state.resampled.sampling : happened;
}

/** Whether what `sampling` gives was made with the sliders and did not happen. */
export function isResampled() {
  const {resampled} = state;
  return resampled !== null && !resampled.asRun && resampled.run === run()
      && resampled.step === stepNumber() && slidersDiffer();
}

/**
 * What happened at the selected step with more candidates than its event has: the same choice made
 * again. null where no more are wanted, or they are not here yet.
 */
export function longer() {
  const {resampled} = state;
  return resampled !== null && resampled.asRun && resampled.run === run()
      && resampled.step === stepNumber() && !slidersDiffer() ? resampled.sampling : null;
}

/** Whether the sliders say something else than the selected run did. */
export function slidersDiffer() {
  const meta = run()?.meta;
  return meta !== undefined
      && (Object.keys(DEFAULT_SAMPLER).some(name => state.sampler[name] !== meta.sampler[name])
          || (state.seed !== '' && state.seed !== meta.seed));
}

/** The tokens of a run in order: {token, position, step}, step null in the prompt. */
export function tokens(of = run()) {
  if (!of) {
    return [];
  }
  const prompt = of.prompt.map((token, i) => ({token, position: of.firstPosition + i, step: null}));
  const chosen = of.steps.filter(step => step?.sampling).map(step => ({
    token: step.sampling.selection.token,
    position: step.sampling.selection.position,
    step: step.step
  }));
  return [...prompt, ...chosen];
}

/** How many milliseconds a step takes at least: so that one can follow, unless the model is slow enough. */
export const pace = () => state.pace ?? ((state.model?.info?.parameters ?? 0) < 50e6 ? 125 : 0);

/** Whether somebody has already started a run. */
export const anyLiveRun = () => [...state.runs.values()].some(run => !run.meta.recorded);

/** Whether the server still has the tensors of a step; of a run, those of its latest steps. */
export function isKept(run, step = Infinity) {
  const oldest = state.runs.get(state.keptFrom?.run);
  return !oldest || run.order > oldest.order || (run === oldest && step >= state.keptFrom.step);
}

/** The runs that were sent together with this one, it among them, in order. */
export function group(of = run()) {
  const name = of?.meta.group;
  return name ? [...state.runs.values()].filter(each => each.meta.group === name) : [];
}

// Changes by the user.

/** Selects: select({step: 3, candidate: null}). */
export function select(patch) {
  const before = state.selection;
  const selection = {...before, ...patch};
  if (patch.run !== undefined && patch.run !== before.run) {
    Object.assign(selection, {step: null, token: null, candidate: null}, patch);
    showSettings(patch.run);
  }
  state.selection = selection;
  changed('selection');
}

/** The sliders show what the selected run had, until they are moved. */
export function showSettings(name) {
  const meta = state.runs.get(name)?.meta;
  if (meta) {
    state.sampler = {...meta.sampler};
    changed('sampler');
  }
}

/** Moves the selected step by so many; behind the latest it follows again. */
export function moveStep(by) {
  const latest = (run()?.steps.length ?? 0) - 1;
  const to = Math.max(0, stepNumber() + by);
  select({step: to >= latest && by > 0 ? null : Math.min(to, Math.max(0, latest)), token: null, candidate: null});
}

export function hover(patch) {
  state.hover = patch ?? {};
  changed('hover');
}

/** Moves the sliders. */
export function setSampler(patch) {
  state.sampler = {...state.sampler, ...patch};
  changed('sampler');
}

export function setSeed(seed) {
  state.seed = seed;
  changed('sampler');
}

/** What the next run is to continue: setDraft({prompt: 'Once'}). */
export function setDraft(patch) {
  state.draft = {...state.draft, ...patch};
  changed('draft');
}

/** Slows the run that goes on, those to come and replays. */
export function setPace(millis) {
  state.pace = millis;
  changed('pace');
  if (state.canControl) {
    ask('pace', {millis});
  }
}

export function setReplaying(replaying) {
  if (replaying !== state.replaying) {
    state.replaying = replaying;
    changed('replaying');
  }
}

/** How many candidates are shown. */
export function setTop(top) {
  state.top = top;
  changed('top');
}

export function fail(message) {
  state.failure = message;
  changed('failure');
}

/** Asks the server; what it refuses is shown. Gives its answer, or null. */
export async function ask(what, body) {
  try {
    const answer = await wire.post(what, body);
    if (state.failure) {
      fail('');
    }
    return answer;
  } catch (e) {
    fail(e.message);
    return null;
  }
}

/** Starts a run with the draft, the sliders and the seed, unless `request` says otherwise; selects it. */
export async function generate(request = {}) {
  const answer = await ask('generate', {
    ...state.draft,
    pace: pace(),
    sampler: state.sampler,
    ...(state.seed === '' ? {} : {seed: state.seed}),
    top: Math.min(MOST_TOP, Math.max(LEAST_TOP, state.top)),
    ...request
  });
  if (answer) {
    awaited.add(answer.run);
    selectAwaited();
  }
  return answer?.run ?? null;
}

export const awaited = new Set(); // the runs to select when their event is here

/** Selects the latest run that this page asked for, if its event is here. */
export function selectAwaited() {
  for (const name of awaited) {
    const meta = state.runs.get(name)?.meta;
    if (meta) {
      awaited.delete(name);
      const looksElsewhere = meta.group !== '' && run()?.meta.group === meta.group && !following();
      if (!looksElsewhere) {
        select({run: name, step: null});
      }
    }
  }
}
