// Play, pause, step and stop: of the model while the selected run goes on, else of a replay of the
// run through the selection.

import {leastConfident} from './measures.js';
import * as store from './store.js';

const FRAME_MILLIS = 16;

/** Whether the selected run is the one that the model is at. */
export const isLive = () => store.run() !== null && store.state.worker.run === store.state.selection.run;

/** Whether what is shown moves by itself. */
export const isPlaying = () => (isLive() ? store.state.worker.status === 'running' : store.state.replaying);

/** Whether there is something to play, and this page may. */
export const canPlay = () => (isLive() ? store.state.canControl : (store.run()?.steps.length ?? 0) > 0);

export function toggle() {
  if (!canPlay()) {
    return;
  }
  if (!isLive()) {
    store.state.replaying ? store.setReplaying(false) : replay();
  } else if (isPlaying()) {
    store.ask('pause');
  } else {
    store.select({step: null});
    store.ask('resume');
  }
}

export function stepOnce() {
  store.setReplaying(false);
  if (isLive() && store.following()) {
    store.ask('step');
  } else {
    store.moveStep(1);
  }
}

/** Ends the run, or the replay. */
export function stop() {
  store.setReplaying(false);
  if (isLive()) {
    store.ask('stop');
  } else {
    store.select({step: null, candidate: null});
  }
}

let least = {run: null, step: -1}; // where the last search ended

/** Selects the least confident step; there already, or called again, the next least confident one. */
export function selectLeastConfident() {
  const run = store.run();
  const order = run ? leastConfident(run) : [];
  if (order.length > 0) {
    const at = store.following() ? -1 : store.stepNumber();
    const goesOn = at === order[0] || (least.run === run && least.step === at);
    const step = order[goesOn ? (order.indexOf(at) + 1) % order.length : 0];
    least = {run, step};
    store.setReplaying(false);
    store.select({step, token: null, candidate: null});
  }
}

let replays = 0; // so that a replay knows that another has begun

function replay() {
  const run = store.state.selection.run;
  const mine = ++replays;
  const last = () => store.run().steps.length - 1;
  let at = store.following() || store.stepNumber() >= last() ? 0 : store.stepNumber() + 1;
  store.setReplaying(true);
  const show = () => {
    store.select({step: at, token: null, candidate: null});
    setTimeout(next, pause(store.run().steps[at]));
  };
  const next = () => {
    const {selection, replaying} = store.state;
    if (mine !== replays || !replaying) {
      return;
    }
    if (selection.run !== run || selection.step !== at) { // somebody looks elsewhere
      store.setReplaying(false);
    } else if (at >= last()) {
      store.select({step: null});
      store.setReplaying(false);
    } else {
      at++;
      show();
    }
  };
  show();
}

/** At the pace, or as long as the step took. */
function pause(step) {
  const took = step ? (step.forwardNanos + step.samplingNanos) / 1e6 : 0;
  return Math.max(FRAME_MILLIS, store.pace() || took);
}
