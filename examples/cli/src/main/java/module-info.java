/// The command `inferno`. A program rather than a library: it names the vector module plainly, so
/// that nobody who starts it needs a flag.
@SuppressWarnings("requires-automatic") // JLine 3 has names of modules, and no descriptors
module dev.inferno.cli {
  requires com.fasterxml.jackson.databind;
  requires dev.inferno.core;
  requires dev.inferno.visualizer;
  requires info.picocli;
  requires java.logging; // JLine does not say so
  requires java.management;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires jdk.unsupported; // neither this, of which it takes signals
  requires org.jline.reader;
  requires org.jline.terminal;
  requires static org.jspecify;

  provides System.LoggerFinder with
      dev.inferno.cli.WarningLog;

  opens dev.inferno.cli to
      info.picocli;
}
