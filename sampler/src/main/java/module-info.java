/// Sampler
module dev.inferno.sampler {
  requires static org.jspecify;

  exports dev.inferno.sampler;
}
