// The tabs of the deeper views, as the ARIA Authoring Practices have them.

import {h} from '../dom.js';
import {select, state, subscribe} from '../store.js';

const TABS = [['attention', 'Attention'], ['tokens', 'Tokens'], ['speed', 'Speed and context']];

export function mount(root) {
  const tabs = TABS.map(([name, text], i) => h('button', {
    role: 'tab', id: 'tab-' + name, 'aria-controls': name,
    onclick: () => select({tab: name}), onkeydown: event => move(event, i)
  }, text));
  TABS.forEach(([name]) => {
    const panel = document.getElementById(name);
    panel.setAttribute('aria-labelledby', 'tab-' + name);
    panel.tabIndex = 0;
  });
  root.append(...tabs);

  function move(event, i) {
    const to = {
      ArrowLeft: (i + TABS.length - 1) % TABS.length, ArrowRight: (i + 1) % TABS.length, Home: 0, End: TABS.length - 1
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      select({tab: TABS[to][0]});
      tabs[to].focus();
    }
  }

  function draw() {
    const shown = TABS.some(([name]) => name === state.selection.tab) ? state.selection.tab : TABS[0][0];
    TABS.forEach(([name], i) => {
      tabs[i].setAttribute('aria-selected', name === shown);
      tabs[i].tabIndex = name === shown ? 0 : -1;
      document.getElementById(name).hidden = name !== shown;
    });
  }

  draw();
  subscribe(changed => changed.has('selection') && draw());
}
