// What the server tells becomes the state.

import {awaited, changed, following, happened, run as selectedRun, select, selectAwaited, showSettings, state} from './store.js';
import * as wire from './wire.js';

let epoch = null; // of the server: another one has begun anew
let unsettled = 0; // the number of the last event that is older than the connection
let named = false; // whether the address named the run, or the user chose one
let runs = 0; // how many there were
let workerEvents = 0;
const beginnings = new Map(); // from a run whose beginning is asked for to its events that wait for it

function forget() {
  wire.forget();
  beginnings.clear();
  awaited.clear();
  state.runs = new Map();
  state.model = null;
  state.resampled = null;
  state.keptFrom = null;
  state.selection = {...state.selection, run: null, step: null, token: null, candidate: null};
  changed('runs', 'run', 'model', 'resampled', 'selection');
}

/** All that had happened is here: what is selected by itself is the latest run. */
function settle(number) {
  if (number >= unsettled && !state.settled) {
    state.settled = true;
    changed('settled');
    const latest = [...state.runs.keys()].at(-1);
    if (latest !== undefined && (!named || selectedRun() === null)) { // the address may name a run of another time
      select({run: latest});
    }
  }
}

/** Changes the run of an event. If its beginning came before this page, it is asked for once. */
function withRun(type, data, change) {
  const run = state.runs.get(data.run);
  if (run) {
    change(run);
    happened('run');
  } else if (beginnings.has(data.run)) {
    beginnings.get(data.run).push([type, data]);
  } else if (state.dropped > 0 && type !== 'run-end') {
    beginnings.set(data.run, [[type, data]]);
    askForBeginning(data.run);
  }
}

async function askForBeginning(name) {
  const events = beginnings.get(name);
  try {
    const {run, prompt} = await wire.get('runs/' + encodeURIComponent(name));
    if (beginnings.get(name) === events) { // else another server answers by now
      on.run(run);
      if (prompt) {
        on.prompt(prompt);
      }
      events.forEach(([type, data]) => on[type](data));
    }
  } catch {
    // The server has let it go, or is gone: its events are of no use.
  }
  beginnings.delete(name);
}

/** What was told by events that are not here. */
async function askForState() {
  const heard = workerEvents;
  try {
    const {state: worker, model} = await wire.get('state');
    if (state.model === null) {
      on.model(model);
    }
    if (workerEvents === heard) {
      on.state(worker);
    }
  } catch {
    // The stream of events is being connected again, and then tells more.
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
    askForState();
  },
  model(data) {
    state.model = data;
    changed('model');
  },
  state(data) {
    workerEvents++;
    if (data.pace !== state.worker.pace) {
      state.pace = data.pace;
      changed('pace');
    }
    state.worker = data;
    changed('worker');
  },
  run(data) {
    state.runs.set(data.run, {order: runs++, meta: data, prompt: [], firstPosition: 0, steps: [], end: null});
    changed('runs');
    if (state.selection.run === null) {
      select({run: data.run});
    } else if (state.selection.run === data.run) { // the address named it
      named = true;
      showSettings(data.run);
    }
    selectAwaited();
  },
  prompt(data) {
    withRun('prompt', data, run => {
      run.prompt = data.tokens;
      run.firstPosition = data.firstPosition;
    });
  },
  step(data) {
    withRun('step', data, run => {
      run.steps[data.step] = data;
      state.keptFrom = data.keptFrom;
      if (data.run === state.selection.run && following()) {
        happened('selection');
      }
    });
  },
  'run-end'(data) {
    withRun('run-end', data, run => {
      run.end = data;
    });
  }
};

/** Begins to follow the server. */
export function followServer() {
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
