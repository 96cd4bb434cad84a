/// Text to token ids and back, useful without the rest of the library.
module dev.inferno.tokenizer {
  requires static org.jspecify;

  exports dev.inferno.tokenizer;
  exports dev.inferno.tokenizer.template;
}
