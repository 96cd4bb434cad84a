// Attention, as the server keeps it.

import {isKept} from './store.js';
import {stepOf} from './token.js';
import * as wire from './wire.js';

export const PATTERN = 'blocks.*.attn.hook_pattern';

const ONLY_LAST = 1; // no status of the server

/** A tensor, where it is still kept; step null: of all steps that are. Throws Refused. */
export async function kept(run, step, name, query) {
  const has = step === null || run.steps[step]?.tensors?.some(each => each.name === name);
  if (!has || !isKept(run, step ?? Infinity)) {
    throw new wire.Refused(410, 'not kept');
  }
  return wire.tensor(run.meta.run, step, name, query);
}

/**
 * What a position attended to: {position, layers, heads, keys, at(layer, head)}, at gives its
 * weights over the keys 0 to the position. Throws Refused.
 */
export async function attentionOf(run, position) {
  const step = stepOf(run, position);
  const info = run.steps[step]?.tensors?.find(each => each.name === PATTERN);
  const index = info ? position - info.firstPosition : 0;
  if (index < 0) {
    throw new wire.Refused(ONLY_LAST, 'Of a prompt this long only the attention of its last token is kept.');
  }
  const {shape: [layers, heads, keys], values} = await kept(run, step, PATTERN, {query: index});
  return {
    position, layers, heads, keys: position + 1,
    at: (layer, head) => {
      const from = (layer * heads + head) * keys;
      return values.subarray(from, from + position + 1);
    }
  };
}

/** The mean over the heads of a layer. */
export function meanOfHeads(attention, layer) {
  const mean = new Float32Array(attention.keys);
  for (let head = 0; head < attention.heads; head++) {
    const weights = attention.at(layer, head);
    for (let key = 0; key < mean.length; key++) {
      mean[key] += weights[key] / attention.heads;
    }
  }
  return mean;
}

/** Why there is nothing to see. */
export const excuse = failure => (failure.status === 410
  ? 'The attention of this step is not kept any more: the server keeps that of the latest steps only.'
  : failure.status === ONLY_LAST ? failure.message : 'The attention could not be fetched: ' + failure.message);
