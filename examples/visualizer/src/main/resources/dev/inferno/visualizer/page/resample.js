// The choice of the selected step made again by the sliders: the latest wish counts, one request at a
// time. The model does not run for it.

import {changed, fail, isKept, run, slidersDiffer, state, stepNumber, subscribe} from './store.js';
import * as wire from './wire.js';

let resampling = false;
let wish = null;
let asked = ''; // the latest wish, which need not be asked for again

function resampleSoon() {
  const number = stepNumber();
  const of = run();
  const meta = of?.meta;
  const happened = of?.steps[number]?.sampling;
  const possible = state.canControl && happened && isKept(of, number);
  const moreWanted = possible && state.top > meta.top && happened.vocabulary > meta.top;
  if (!possible || !(slidersDiffer() || moreWanted)) {
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
  wish = {of, request, asRun: !slidersDiffer()};
  if (!resampling) {
    resample();
  }
}

async function resample() {
  resampling = true;
  while (wish) {
    const {of, request, asRun} = wish;
    wish = null;
    try {
      const sampling = await wire.post('resample', request);
      state.resampled = {run: of, step: request.step, asRun, sampling};
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

subscribe(names => {
  if (['selection', 'sampler', 'top', 'run'].some(name => names.has(name))) {
    resampleSoon();
  }
});
