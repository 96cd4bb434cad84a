/// The examples of the README and the guides.
module dev.inferno.snippets {
  requires dev.inferno.core;
  requires jdk.incubator.vector;
  requires static org.jspecify;
}
