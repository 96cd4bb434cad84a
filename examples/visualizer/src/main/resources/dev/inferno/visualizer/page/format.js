// Numbers and tokens as the page writes them.

/** A probability: 99.94 %, 0.0021 %, 4.1·10⁻⁵ %. */
export function percent(p) {
  const value = 100 * number(p);
  if (value === 0 || value === 100) {
    return value + ' %';
  }
  if (value > 99.995) {
    return '> 99.99 %';
  }
  return (value >= 1 ? value.toFixed(2) : value >= 0.001 ? value.toPrecision(2) : scientific(value)) + ' %';
}

/** 0.000041 as 4.1·10⁻⁵. */
export function scientific(value) {
  const [mantissa, exponent] = value.toExponential(1).split('e');
  return mantissa + '·10' + String(Number(exponent)).replace(/./g, c => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[c]));
}

/** A number with so many digits behind the point; one that is not finite by name. */
export function fixed(value, digits = 2) {
  const n = number(value);
  return Number.isFinite(n) ? n.toFixed(digits) : String(n).replace('Infinity', '∞');
}

/** 12 345 678 as 12.3 M. */
export function big(value) {
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]]) {
    if (value >= size) {
      return (value / size).toPrecision(3) + ' ' + unit;
    }
  }
  return String(value);
}

export function bytes(value) {
  return value < 1024 ? value + ' B'
      : value < 1 << 20 ? (value / 1024).toFixed(1) + ' KiB'
      : value < 1 << 30 ? (value / (1 << 20)).toFixed(1) + ' MiB'
      : (value / (1 << 30)).toFixed(2) + ' GiB';
}

export function milliseconds(nanos) {
  const ms = nanos / 1e6;
  return (ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)) + ' ms';
}

export const microseconds = nanos => (nanos / 1e3).toFixed(nanos < 1e5 ? 1 : 0) + ' µs';

/** A JSON number of the wire, where one that is not finite is a string. */
export const number = value => (typeof value === 'string' ? Number(value) : value);

/**
 * The text of a token so that everything in it can be seen: blanks as ·, ends of lines as ↵, tabs
 * as ⇥, bytes that are no whole character as <0xE2>.
 */
export function visible(token) {
  if (token.special) {
    return token.text || token.piece;
  }
  if (token.text.includes('\uFFFD')) {
    return token.bytes.replace(/../g, byte => asciiOrByte(parseInt(byte, 16)));
  }
  return visibleText(token.text);
}

function asciiOrByte(byte) {
  return byte >= 0x20 && byte < 0x7f
      ? visibleText(String.fromCharCode(byte))
      : `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

export function visibleText(text) {
  return text.replaceAll(' ', '·').replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll('\r', '␍')
      .replace(/[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00a0\u00ad]/g, code);
}

/** Text as it reads, but for what would garble the page: control characters and marks of direction. */
export const readable = text => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, code);

const code = c => `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** A token in words, for screen readers and titles. */
export const spoken = token => (token.special ? 'special token ' : '') + '"' + token.text + '", id ' + token.id;
