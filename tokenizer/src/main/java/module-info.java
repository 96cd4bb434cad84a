/// Text to token ids and back, useful without the rest of the library.
module dev.inferno.tokenizer {
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports dev.inferno.tokenizer;
  exports dev.inferno.tokenizer.template;
}
