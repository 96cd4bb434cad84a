// Colours of values: viridis for what begins at 0, its reverse on light paper is never needed since
// cells have their own ground; confidence as a ground behind text; Okabe and Ito for kinds of things.

const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137],
  [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]
];

/** The masked part of attention: nobody looks into the future. */
export const MASKED = [128, 128, 128];

/** [red, green, blue] of a value in [0, 1]. */
export function viridis(value) {
  const x = Math.min(1, Math.max(0, value)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(x));
  return VIRIDIS[i].map((from, c) => Math.round(from + (x - i) * (VIRIDIS[i + 1][c] - from)));
}

/** [red, green, blue] of a signed value in [-1, 1]: blue, grey, orange. */
export function diverging(value) {
  const x = Math.min(1, Math.max(-1, value));
  const end = x < 0 ? [33, 102, 172] : [230, 120, 20];
  return [225, 225, 225].map((middle, c) => Math.round(middle + Math.abs(x) * (end[c] - middle)));
}

export const css = rgb => `rgb(${rgb.join(' ')})`;

/** The class of a confidence, five steps from `c0` (below 20 %) to `c4`. */
export const confidence = p => 'c' + Math.min(4, Math.floor(p * 5));
