/// From logits to a choice: composable stages, a seeded draw, and a listener that sees both.
module dev.inferno.sampler {
  requires static org.jspecify;

  exports dev.inferno.sampler;
}
