/// Tokenizer
module dev.inferno.tokenizer {
  requires static org.jspecify;

  exports dev.inferno.tokenizer;
}
