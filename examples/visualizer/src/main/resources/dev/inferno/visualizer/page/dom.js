// Making elements.

/** h('button', {class: 'x', onclick: f}, 'text', child): an element. false, null and '' are left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter(child => child !== null && child !== false && child !== undefined && child !== ''));
  return element;
}

/**
 * A number of an event: its exact value and its place in the event stand in the element, for the
 * hover and for whoever checks. It must stand in an element with data-run and data-step; with
 * resampled: true it is of the answer to a resample, and stands in one with data-resampled.
 */
export function field(path, value, text, {resampled = false, ...attributes} = {}) {
  return h('span', {
    [resampled ? 'data-resampled-field' : 'data-field']: path, 'data-value': JSON.stringify(value),
    title: String(value), ...attributes
  }, text);
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(child => child !== null && child !== false && child !== ''));
}

/** A canvas as large as it is shown, sharp on every screen: {canvas, draw(width, height, paint)}. */
export function canvas(attributes = {}) {
  const element = h('canvas', attributes);
  return {
    canvas: element,
    draw(width, height, paint) {
      const ratio = window.devicePixelRatio || 1;
      const columns = Math.max(1, Math.round(width * ratio));
      const rows = Math.max(1, Math.round(height * ratio));
      if (element.width !== columns || element.height !== rows) {
        element.width = columns;
        element.height = rows;
        element.style.width = width + 'px';
        element.style.height = height + 'px';
      }
      const context = element.getContext('2d');
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      paint(context);
    }
  };
}

const probe = h('span', {hidden: true});

/** What a colour of the style sheet, such as '--ink', is in this light, for a canvas. */
export function colour(name) {
  if (!probe.isConnected) {
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

/** Calls `repaint` when the page turns light or dark: canvases do not follow the style sheet. */
export function onTheme(repaint) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  new MutationObserver(repaint).observe(document.documentElement, {attributeFilter: ['data-theme']});
}
