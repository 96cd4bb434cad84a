// The wire between this page and the server, see docs/guides/wire.md. Nothing else here talks to it.

const TOKEN = 'inferno-token';
const KEPT_TENSOR_BYTES = 64 << 20;
const PATIENCE = 15_000; // ms

/** The token that control needs comes in the fragment of the printed address, and goes from there. */
function takeToken() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const given = parameters.get('token');
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    parameters.delete('token');
    history.replaceState(null, '', '#' + parameters);
  }
  return sessionStorage.getItem(TOKEN);
}

const token = takeToken();

addEventListener('hashchange', () => { // somebody pasted the printed address into a page that is open
  const before = sessionStorage.getItem(TOKEN);
  if (takeToken() !== before) {
    location.reload();
  }
});

/** Whether this page may start and stop runs. */
export const canControl = token !== null;

const EVENTS = ['hello', 'dropped', 'model', 'state', 'run', 'prompt', 'step', 'run-end'];

/**
 * Follows the events. The browser resumes by itself after a break, with the id of the last event.
 * onEvent(type, data, number), number -1 for `hello`; onLink('open' | 'lost').
 */
export function connect(onEvent, onLink) {
  const source = new EventSource('api/events');
  for (const type of EVENTS) {
    source.addEventListener(type, event =>
        onEvent(type, JSON.parse(event.data), type === 'hello' ? -1 : Number(event.lastEventId.split('-')[1])));
  }
  source.onopen = () => onLink('open');
  source.onerror = () => {
    onLink('lost');
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => connect(onEvent, onLink), 2000); // the server answered, but with no stream
    }
  };
}

/** What the server said, and why it is no answer. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Sends a request. Throws Refused, also where no answer comes. */
async function request(what, options = {}) {
  let response;
  try {
    response = await fetch('api/' + what, {...options, signal: AbortSignal.timeout(PATIENCE)});
  } catch (e) {
    throw new Refused(0, e.name === 'TimeoutError'
        ? 'The server did not answer. Are many pages of it open? A browser has only six connections for all of them.'
        : 'The server cannot be reached.');
  }
  if (!response.ok) {
    const failure = await response.json().catch(() => ({}));
    throw new Refused(response.status, failure.error ?? `the server answered ${response.status}`);
  }
  return response;
}

/** Asks the server to do something: post('generate', {prompt: 'Once'}). Throws Refused. */
export async function post(what, body = {}) {
  if (!canControl) {
    throw new Refused(401, 'This page may only watch: open the address that the program printed.');
  }
  try {
    const response = await request(what, {
      method: 'POST',
      headers: {Authorization: 'Bearer ' + token, 'Content-Type': 'application/json'},
      body: JSON.stringify(body)
    });
    return await response.json();
  } catch (e) {
    throw e.status === 401
        ? new Refused(401, 'The server does not know the token of this page: open the address that the program printed last.')
        : e;
  }
}

/** Asks the server what it knows: get('state'). Throws Refused. */
export const get = async what => (await request(what)).json();

const newCache = () => ({tensors: new Map(), bytes: 0}); // by address, the latest used last

let cache = newCache();

/** Another server names other runs alike: what was fetched of the one before is nothing to it. */
export function forget() {
  cache = newCache();
}

/**
 * A tensor: {shape, axes, firstPosition, values}. Of one step, or with step null and one layer and
 * head picked the rows of all steps. query such as {layer: 3, mean: 'head'}. Throws Refused.
 */
export function tensor(run, step, name, query = {}) {
  const steps = step === null ? '' : `/steps/${step}`;
  const {tensors} = cache;
  const address = `runs/${encodeURIComponent(run)}${steps}/tensors/${encodeURIComponent(name)}?`
      + new URLSearchParams(query);
  const known = tensors.get(address);
  if (known) {
    tensors.delete(address);
    tensors.set(address, known);
    return known;
  }
  const loading = load(address, cache);
  tensors.set(address, loading);
  loading.catch(() => tensors.delete(address));
  return loading;
}

async function load(address, cache) {
  const response = await request(address);
  const bytes = await response.arrayBuffer();
  const numbers = name => response.headers.get(name).split(',').map(Number);
  cache.bytes += bytes.byteLength;
  for (const [old, tensor] of cache.tensors) {
    if (cache.bytes <= KEPT_TENSOR_BYTES || old === address) {
      break;
    }
    cache.tensors.delete(old);
    tensor.then(({values}) => { cache.bytes -= values.byteLength; }, () => {});
  }
  return {
    shape: numbers('Inferno-Shape'),
    axes: response.headers.get('Inferno-Axes').split(','),
    firstPosition: numbers('Inferno-First-Position')[0],
    values: littleEndian(bytes)
  };
}

function littleEndian(bytes) {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) {
    return new Float32Array(bytes);
  }
  const view = new DataView(bytes);
  return Float32Array.from({length: bytes.byteLength / 4}, (_, i) => view.getFloat32(4 * i, true));
}
