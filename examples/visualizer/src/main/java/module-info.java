/// The example visualizer: a local server and a page that shows a model generating.
module dev.inferno.visualizer {
  requires com.fasterxml.jackson.databind;
  requires transitive dev.inferno.core;
  requires jdk.httpserver;
  requires static org.jspecify;

  exports dev.inferno.visualizer;

  opens dev.inferno.visualizer to
      com.fasterxml.jackson.databind;
}
