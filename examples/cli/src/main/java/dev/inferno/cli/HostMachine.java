package dev.inferno.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a speed was measured on.
///
/// @param cpu the name of the processor where the system tells, else its architecture
/// @param jdk the version of Java and the name of its machine
/// @param flags the options of the JVM that may matter for speed
record HostMachine(String cpu, String jdk, List<String> flags) {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  static HostMachine here() {
    return new HostMachine(
        processor(),
        "%s %s (%s)"
            .formatted(
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.vendor")),
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument ->
                argument.startsWith("-X")
                    || argument.startsWith("-Dinferno.")
                    || argument.startsWith("--add-modules"))
            .toList());
  }

  private static String processor() {
    if (Files.isReadable(PROCESSORS)) {
      try (var lines = Files.lines(PROCESSORS)) {
        return lines
            .filter(line -> line.startsWith("model name") && line.contains(":"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElseGet(() -> System.getProperty("os.arch"));
      } catch (IOException | UncheckedIOException e) {
        // as if there were no such file
      }
    }
    return System.getProperty("os.arch");
  }
}
