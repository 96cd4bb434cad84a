// Puts the views in their places. To add a view: a file in views, a line here.

import {mirrorSelection} from './address.js';
import {followServer} from './events.js';
import './resample.js';
import * as store from './store.js';

const VIEWS = [
  'status', 'controls', 'exercises', 'stream', 'scrubber', 'pipeline', 'lanes', 'inspector',
  'candidates', 'chain', 'draw', 'tabs', 'attention', 'tokens', 'speed', 'keyboard'
];

window.inferno = {store}; // for whoever is curious, and for the tests

for (const name of VIEWS) {
  const {mount} = await import(`./views/${name}.js`);
  mount(document.getElementById(name));
}
mirrorSelection();
followServer();
