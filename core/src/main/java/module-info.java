/// Transformer inference: load a model, generate, watch every step, change the computation.
module dev.inferno.core {
  requires transitive dev.inferno.tokenizer;
  requires transitive dev.inferno.sampler;
  requires com.fasterxml.jackson.core;
  requires jdk.jfr;
  requires static org.jspecify;

  exports dev.inferno;
  exports dev.inferno.convert;
  exports dev.inferno.format;
  exports dev.inferno.observe;
  exports dev.inferno.observe.analysis;
}
