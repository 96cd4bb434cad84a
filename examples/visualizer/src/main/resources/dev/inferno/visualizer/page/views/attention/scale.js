// From a weight to its colour, and the legend that says which is which.

import {h} from '../../dom.js';
import {viridis, MASKED, css} from '../../colour.js';

const FLOOR = 1e-4; // where the logarithmic scale begins

const pixel = rgb => new Uint32Array(new Uint8ClampedArray([...rgb, 255]).buffer)[0];
const LEVELS = Array.from({length: 256}, (_, i) => viridis(i / 255));

/** Pixels of an ImageData as Uint32Array, by level. */
export const PIXELS = Uint32Array.from(LEVELS, pixel);
export const MASKED_PIXEL = pixel(MASKED);

/**
 * {top, level(weight), note}: weights from 0 to 1, or to the largest shown where the first token is
 * hidden.
 */
export function scaleOf({logarithmic, hideFirst}, largest) {
  const top = hideFirst ? Math.max(largest, 1e-9) : 1;
  const bottom = logarithmic ? Math.min(FLOOR, top / 10) : 0;
  const decades = logarithmic ? Math.log10(top / bottom) : 0;
  const level = weight => Math.max(0, Math.min(255, Math.round(255 * (logarithmic
    ? Math.log10(Math.max(weight, bottom) / bottom) / decades
    : weight / top))));
  const note = [
    logarithmic ? 'log colours' : '',
    hideFirst ? 'first token hidden · colours up to the largest' : ''
  ].filter(Boolean).join(' · ');
  return {top, bottom, level, note};
}

/** The colours of a level as a ground behind text, and the ink that can be read on it. */
export function ground(level) {
  const rgb = LEVELS[level];
  const [r, g, b] = rgb.map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return {ground: css(rgb), ink: 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff'};
}

export const weight = value => (value !== 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3));

/** A legend: {element, show(scale)}. */
export function legend() {
  const strip = h('canvas', {width: 256, height: 1, class: 'legend-strip', 'aria-hidden': 'true'});
  const context = strip.getContext('2d');
  const image = context.createImageData(256, 1);
  new Uint32Array(image.data.buffer).set(PIXELS);
  context.putImageData(image, 0, 0);
  const [low, high] = [h('span'), h('span')];
  const badge = h('span', {class: 'badge', hidden: true});
  return {
    element: h('div', {class: 'legend faint'}, low, strip, high, badge),
    show({top, bottom, note}) {
      low.textContent = (bottom ? '≤ ' : '') + (bottom ? weight(bottom) : '0');
      high.textContent = top === 1 ? '1' : weight(top);
      badge.hidden = note === '';
      badge.textContent = note;
    }
  };
}
