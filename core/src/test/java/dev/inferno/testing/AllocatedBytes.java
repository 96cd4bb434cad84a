package dev.inferno.testing;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// How many bytes threads have allocated on the heap so far. Asking allocates nothing.
///
/// The JDK's answer is in a module that the one under test does not read, hence the handles.
public final class AllocatedBytes {
  private static final MethodHandle HERE;
  private static final MethodHandle OF_THREAD;

  static {
    try {
      Class<?> type = Class.forName("com.sun.management.ThreadMXBean");
      Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
      Module own = AllocatedBytes.class.getModule();
      own.addReads(type.getModule());
      own.addReads(factory.getModule());
      Object bean = factory.getMethod("getThreadMXBean").invoke(null);
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      HERE =
          lookup
              .findVirtual(
                  type, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
              .bindTo(bean);
      OF_THREAD =
          lookup
              .findVirtual(
                  type, "getThreadAllocatedBytes", MethodType.methodType(long.class, long.class))
              .bindTo(bean);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private AllocatedBytes() {}

  /// Those of the calling thread.
  public static long here() {
    try {
      return (long) HERE.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /// Those of another thread that is alive.
  public static long of(Thread thread) {
    try {
      return (long) OF_THREAD.invokeExact(thread.threadId());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
