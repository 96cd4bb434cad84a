package dev.inferno.architecture;

import static java.util.stream.Collectors.toSet;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;

/// The classes of a module as they are compiled, without those of its tests.
final class Modules {
  private Modules() {}

  static JavaClasses classesOf(String module) {
    URI location = reference(module).location().orElseThrow();
    if (!location.getPath().endsWith(".jar")) {
      return new ClassFileImporter().importLocations(List.of(Location.of(location)));
    }
    try (var jar = new JarFile(Path.of(location).toFile())) {
      return new ClassFileImporter().importLocations(List.of(Location.of(jar)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JavaClasses classes(Class<?>... classes) {
    return new ClassFileImporter().importClasses(classes);
  }

  static Set<String> exportsOf(String module) {
    return reference(module).descriptor().exports().stream()
        .filter(exports -> !exports.isQualified())
        .map(Exports::source)
        .collect(toSet());
  }

  private static ModuleReference reference(String module) {
    return ModuleLayer.boot().configuration().findModule(module).orElseThrow().reference();
  }
}
