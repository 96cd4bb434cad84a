package dev.inferno.internal.kernels;

import java.lang.System.Logger.Level;
import java.util.Optional;

/// The choice between the kernel sets. Thread-safe.
public final class KernelSets {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final String PROPERTY = "inferno.kernels";

  private KernelSets() {}

  /// The plain set, which needs nothing and is slow.
  public static Kernels scalar() {
    return Scalar.KERNELS;
  }

  /// The SIMD set, where the module `jdk.incubator.vector` is part of the running program and the
  /// machine multiplies and adds in one instruction. Without such an instruction vector units are
  /// old and narrow, and the plain loops are quicker.
  public static Optional<Kernels> vector() {
    if (!FusedMultiplyAdd.AVAILABLE) {
      return Optional.empty();
    }
    Optional<Module> module = ModuleLayer.boot().findModule(VECTOR_MODULE);
    module.ifPresent(KernelSets.class.getModule()::addReads);
    return module.map(_ -> Vector.KERNELS);
  }

  /// The set to compute with: the SIMD set if there is one, else the plain set after one warning.
  /// The property `inferno.kernels`, `scalar` or `vector`, forces one of them.
  ///
  /// @throws IllegalStateException if the property asks for what there is not
  public static Kernels best() {
    String forced = System.getProperty(PROPERTY, "");
    return forced.isEmpty() ? Best.KERNELS : choose(forced);
  }

  static Kernels choose(String property) {
    return switch (property) {
      case "scalar" -> scalar();
      case "vector" ->
          vector()
              .orElseThrow(() ->
                  new IllegalStateException(
                      "the property inferno.kernels is 'vector', but " + advice()));
      case "" -> vector().orElseGet(KernelSets::scalarWithWarning);
      default ->
          throw new IllegalStateException(
              "the property inferno.kernels must be 'scalar' or 'vector', but is '"
                  + property
                  + "'");
    };
  }

  private static Kernels scalarWithWarning() {
    System.getLogger("dev.inferno")
        .log(Level.WARNING, "computing slowly, without SIMD instructions: " + advice());
    return scalar();
  }

  private static String advice() {
    if (!FusedMultiplyAdd.AVAILABLE) {
      return "this machine has no fused multiply-add";
    }
    return "the module jdk.incubator.vector is missing; start java with --add-modules"
        + " jdk.incubator.vector, or add 'requires jdk.incubator.vector;' to your module-info.java";
  }

  /// Holders, so that the vector classes are linked only where their module is.
  private static final class Scalar {
    private static final Kernels KERNELS = new ScalarKernels();
  }

  private static final class Vector {
    private static final Kernels KERNELS = new VectorKernels();
  }

  private static final class Best {
    private static final Kernels KERNELS = choose("");
  }
}
