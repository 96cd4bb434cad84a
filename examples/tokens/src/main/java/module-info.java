/// A program that needs the tokenizer and nothing else of the library.
module dev.inferno.tokens {
  requires dev.inferno.tokenizer;
  requires static org.jspecify;
}
