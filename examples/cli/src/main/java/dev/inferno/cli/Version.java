package dev.inferno.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: the version of the program and of the Java below it.
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "inferno " + ofModule(Version.class.getModule()),
      "Java %s (%s, %s), %s %s"
          .formatted(
              System.getProperty("java.version"),
              System.getProperty("java.vm.name"),
              System.getProperty("java.vendor"),
              System.getProperty("os.name"),
              System.getProperty("os.arch"))
    };
  }

  /// The compiler writes the version into the module descriptor; on the class path there is none.
  private static String ofModule(Module module) {
    return module.isNamed()
        ? module.getDescriptor().rawVersion().orElse("unversioned")
        : "unversioned";
  }
}
