// The text of a run, a mark for each token, coloured by confidence. It grows with the run: what
// stands there already is not touched, so that thousands of tokens cost no more than the latest.

import {confidence} from './colour.js';
import {h} from './dom.js';
import {readable, spoken, visible, visibleText} from './format.js';
import {measures} from './measures.js';

const LONG = 400; // tokens, from where paragraphs out of sight are not laid out

/** Of one element, which it fills with paragraphs; each mark has data-position, and data-step behind the prompt. */
export class RunText {
  constructor(root) {
    this.root = root;
    this.run = null;
    this.marks = new Map(); // by position
    root.classList.add('run-text');
  }

  /** Shows a run; true if something was added. `blanks`: whether blanks are made visible. */
  show(run, blanks = false) {
    if (run !== this.run || blanks !== this.blanks || run?.prompt !== this.prompt) {
      this.restart(run, blanks);
    }
    const from = this.steps;
    for (; run && this.steps < run.steps.length; this.steps++) {
      this.addStep(run.steps[this.steps], measures(run).probability[this.steps]);
    }
    return this.steps > from;
  }

  restart(run, blanks) {
    Object.assign(this, {run, blanks, prompt: run?.prompt, steps: 0, decoder: null});
    this.marks.clear();
    this.root.replaceChildren();
    this.root.dataset.run = run?.meta.run ?? '';
    this.beginParagraph();
    run?.prompt.forEach((token, i) => this.add(token, run.firstPosition + i, {class: 'prompt-token'}));
  }

  beginParagraph() {
    this.paragraph = h('div');
    this.root.append(this.paragraph);
  }

  addStep(step, probability) {
    if (step?.sampling) {
      const {token, position} = step.sampling.selection;
      this.add(token, position, {class: confidence(probability), 'data-step': step.step});
    } else if (!step) {
      this.paragraph.append(h('span', {class: 'faint', title: 'a step of which nothing arrived'}, ' ⋯ '));
    }
  }

  add(token, position, attributes) {
    this.root.classList.toggle('long', this.marks.size > LONG);
    let text = this.textOf(token);
    if (!this.blanks && !token.special && /^ ./.test(text)) { // the blank stands before the mark: lines break there
      this.paragraph.append(' ');
      text = text.slice(1);
    }
    const mark = h('span', {...attributes, 'data-position': position}, text.replace(/\n$/, ''));
    mark.classList.add('token');
    mark.classList.toggle('chip', token.special);
    mark.token = token;
    this.marks.set(position, mark);
    this.paragraph.append(mark);
    if (text.endsWith('\n')) {
      this.beginParagraph();
    }
  }

  /** As one reads it; of a character in several tokens the last has the character, the others bytes. */
  textOf(token) {
    if (token.special) {
      return visible(token);
    }
    let text = token.text;
    if (text.includes('\uFFFD')) {
      const bytes = Uint8Array.from(token.bytes.match(/../g) ?? [], byte => parseInt(byte, 16));
      this.decoder ??= new TextDecoder();
      text = this.decoder.decode(bytes, {stream: true});
      if (text === '' || text.includes('\uFFFD')) {
        return visible(token);
      }
    } else {
      this.decoder = null;
    }
    return this.blanks ? visibleText(text).replaceAll('↵', '↵\n') : readable(text).replaceAll('\n', '↵\n');
  }

  /** The mark of an event of the mouse, or null. */
  markOf(event) {
    return event.target.closest?.('.token') ?? null;
  }

  /** Marks the token at a position with a class, and no other. */
  mark(name, position) {
    const mark = this.marks.get(position);
    const before = this[name];
    if (before !== mark) {
      before?.classList.remove(name);
      mark?.classList.add(name);
      this[name] = mark;
    }
    return mark;
  }
}

/** What a mark is of: {step, token}, the step absent in the prompt. */
export const placeOf = mark => ({
  ...(mark.dataset.step === undefined ? {} : {step: Number(mark.dataset.step)}),
  token: Number(mark.dataset.position)
});

/** Scrolls to the end of an element once it is laid out: asking for its height at once would lay it out twice. */
export function scrollToEnd(element) {
  setTimeout(() => { element.scrollTop = element.scrollHeight; });
}

/** What a mark says to the mouse. */
export const titleOf = mark => `${spoken(mark.token)}, position ${mark.dataset.position}`;
