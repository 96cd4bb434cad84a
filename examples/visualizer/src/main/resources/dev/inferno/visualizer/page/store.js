// What the page knows: the events as they came, what is selected, and the sliders. Views read it and
// are told when it changes; only here it is changed. One selection is shared by all views and stands
// in the address of the page.

import * as wire from './wire.js';

const DEFAULT_SAMPLER = {
  temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, repetitionPenalty: 1, frequencyPenalty: 0,
  presencePenalty: 0, penaltyLastN: 64, greedy: false
};

export const defaultSampler = () => ({...DEFAULT_SAMPLER});

/**
 * The state. Views read it and never write.
 *
 * runs: name -> {meta, prompt, firstPosition, steps, end}; meta is the `run` event, prompt its
 * tokens, steps its `step` events by number, end its `run-end` event or null.
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
  dropped: 0,
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
  resampled: null, // {run, step, asRun, sampling}: what the sliders would choose at the selected step
  failure: '' // what went wrong last
};

const listeners = new Set();
let announced = new Set();
let scheduled = false;

/** Calls `listener(changed)` once a frame after something changed: a Set of names of the state. */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(...names) {
  names.forEach(name => announced.add(name));
  if (!scheduled) {
    scheduled = true;
    if (document.hidden) {
      setTimeout(announce, 100); // a hidden page gets no frames
    } else {
      requestAnimationFrame(announce);
    }
  }
}

function announce() {
  scheduled = false;
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
  return resampled !== null && !resampled.asRun && resampled.run === state.selection.run
      && resampled.step === stepNumber() && slidersDiffer();
}

/**
 * What happened at the selected step with more candidates than its event has: the same choice made
 * again. null where no more are wanted, or they are not here yet.
 */
export function longer() {
  const {resampled} = state;
  return resampled !== null && resampled.asRun && resampled.run === state.selection.run
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
  resampleSoon();
  mirrorSoon();
}

/** The sliders show what the selected run had, until they are moved. */
function showSettings(name) {
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
  resampleSoon();
}

export function setSeed(seed) {
  state.seed = seed;
  changed('sampler');
  resampleSoon();
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
  resampleSoon();
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
    top: Math.max(20, state.top),
    ...request
  });
  if (answer) {
    awaited.add(answer.run);
    selectAwaited();
  }
  return answer?.run ?? null;
}

const awaited = new Set(); // the runs to select when their event is here

function selectAwaited() {
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

// The choice made again by the sliders: the latest wish counts, one request at a time.

let resampling = false;
let wish = null;
let asked = ''; // the latest wish, which need not be asked for again

function resampleSoon() {
  const number = stepNumber();
  const meta = run()?.meta;
  const happened = run()?.steps[number]?.sampling;
  const moreWanted = happened && state.top > meta.top && happened.vocabulary > meta.top;
  if (!happened || !(slidersDiffer() || moreWanted) || !state.canControl) {
    wish = null;
    asked = '';
    if (state.resampled) {
      state.resampled = null;
      changed('resampled');
    }
    return;
  }
  const request = {
    run: meta.run, step: number, sampler: state.sampler, top: Math.max(meta.top, state.top),
    ...(state.seed === '' ? {} : {seed: state.seed})
  };
  if (JSON.stringify(request) === asked) {
    return;
  }
  asked = JSON.stringify(request);
  wish = {request, asRun: !slidersDiffer()};
  if (!resampling) {
    resample();
  }
}

async function resample() {
  resampling = true;
  while (wish) {
    const {request, asRun} = wish;
    wish = null;
    try {
      const sampling = await wire.post('resample', request);
      state.resampled = {run: request.run, step: request.step, asRun, sampling};
      if (state.failure) {
        fail('');
      }
    } catch (e) {
      state.resampled = null;
      asked = '';
      fail(e.message);
    }
    changed('resampled');
  }
  resampling = false;
}

// Events.

let epoch = null;
let unsettled = 0; // the number of the last event that is older than the connection

function forget() {
  state.runs = new Map();
  state.model = null;
  state.resampled = null;
  state.selection = {...state.selection, run: null, step: null, token: null, candidate: null};
  awaited.clear();
  changed('runs', 'run', 'model', 'resampled', 'selection');
}

function settle(number) {
  if (number >= unsettled && !state.settled) {
    state.settled = true;
    changed('settled');
    if (state.runs.size > 0 && run() === null) { // the address names a run of another time
      select({run: [...state.runs.keys()].at(-1)});
    }
  }
}

const on = {
  hello(data) {
    if (epoch !== null && epoch !== data.epoch) {
      forget();
    }
    epoch = data.epoch;
    unsettled = data.next - 1;
    settle(-1);
  },
  dropped(data) {
    state.dropped += data.count;
    changed('dropped');
  },
  model(data) {
    state.model = data;
    changed('model');
  },
  state(data) {
    if (data.pace !== state.worker.pace) {
      state.pace = data.pace;
      changed('pace');
    }
    state.worker = data;
    changed('worker');
  },
  run(data) {
    state.runs.set(data.run, {meta: data, prompt: [], firstPosition: 0, steps: [], end: null});
    changed('runs');
    if (state.selection.run === null) {
      select({run: data.run});
    } else if (state.selection.run === data.run) { // the address named it
      showSettings(data.run);
    }
    selectAwaited();
  },
  prompt(data) {
    const run = state.runs.get(data.run);
    if (run) {
      run.prompt = data.tokens;
      run.firstPosition = data.firstPosition;
      changed('run');
    }
  },
  step(data) {
    const run = state.runs.get(data.run);
    if (run) {
      run.steps[data.step] = data;
      changed('run');
      if (data.run === state.selection.run && following()) {
        changed('selection');
        resampleSoon();
      }
    }
  },
  'run-end'(data) {
    const run = state.runs.get(data.run);
    if (run) {
      run.end = data;
      changed('run');
    }
  }
};

/** Begins to follow the server. */
export function start() {
  restore();
  addEventListener('hashchange', restore);
  wire.connect(
      (type, data, number) => {
        on[type](data);
        settle(number);
      },
      link => {
        state.link = link;
        changed('link');
      });
}

// The address of the page.

const NUMBERS = ['step', 'token', 'layer', 'head', 'candidate'];

let mirroring = false;

/** Browsers allow only so many changes of the address. */
function mirrorSoon() {
  if (!mirroring) {
    mirroring = true;
    setTimeout(mirror, 200);
  }
}

function mirror() {
  mirroring = false;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(state.selection)) {
    if (value !== null) {
      parameters.set(name, value);
    }
  }
  history.replaceState(null, '', '#' + parameters);
}

function restore() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const patch = {};
  for (const name of NUMBERS) {
    if (/^\d{1,9}$/.test(parameters.get(name) ?? '')) {
      patch[name] = Number(parameters.get(name));
    }
  }
  for (const name of ['run', 'tab']) {
    if (parameters.has(name)) {
      patch[name] = parameters.get(name);
    }
  }
  if (Object.keys(patch).length > 0) {
    state.selection = {...state.selection, ...patch};
    changed('selection');
  }
}
