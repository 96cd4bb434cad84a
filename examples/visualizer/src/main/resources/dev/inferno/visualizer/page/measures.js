// What several views derive from the events of a run, kept as the run grows: nothing here is read twice.

const known = new WeakMap(); // by run

/**
 * Of a run, by step: `probability` that the model gave the chosen token (raw), `entropy`, and the
 * sums of all of them; NaN where a step is missing or chose nothing.
 */
export function measures(run) {
  let of = known.get(run);
  if (!of) {
    of = {
      read: 0, probability: [], entropy: [], chosen: 0, probabilitySum: 0, entropySum: 0, largestEntropy: 0,
      decodes: 0, forwardNanos: 0, samplingNanos: 0, largestNanos: 0
    };
    known.set(run, of);
  }
  for (; of.read < run.steps.length; of.read++) {
    read(of, run.steps[of.read]);
  }
  return of;
}

function read(of, step) {
  const sampling = step?.sampling;
  const probability = sampling ? Math.exp(sampling.selection.logProbability) : NaN;
  const entropy = sampling ? Number(sampling.entropy) : NaN;
  of.probability.push(probability);
  of.entropy.push(entropy);
  if (Number.isFinite(probability) && Number.isFinite(entropy)) {
    of.chosen++;
    of.probabilitySum += probability;
    of.entropySum += entropy;
    of.largestEntropy = Math.max(of.largestEntropy, entropy);
  }
  if (step && step.step > 0) { // step 0 passes the whole prompt
    of.decodes++;
    of.forwardNanos += step.forwardNanos;
    of.samplingNanos += step.samplingNanos;
    of.largestNanos = Math.max(of.largestNanos, step.forwardNanos + step.samplingNanos);
  }
}

/** The nanoseconds of a typical of the latest steps behind the prompt, or null. */
export function typicalNanos(run) {
  const nanos = run.steps.slice(Math.max(1, run.steps.length - 32)).filter(step => step)
      .map(step => step.forwardNanos + step.samplingNanos).sort((a, b) => a - b);
  return nanos.length > 0 ? nanos[nanos.length >> 1] : null;
}

/** The steps of a run, the least confident first. */
export function leastConfident(run) {
  const {probability} = measures(run);
  return [...probability.keys()].filter(step => !Number.isNaN(probability[step]))
      .sort((a, b) => probability[a] - probability[b]);
}

/** Where the chosen token stands among the candidates of a step. */
export function chosenIndex(sampling) {
  return sampling.candidates.findIndex(candidate => candidate.token.id === sampling.selection.token.id);
}
