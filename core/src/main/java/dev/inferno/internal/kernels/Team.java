package dev.inferno.internal.kernels;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads that share a product's work: the caller and a few standing daemon workers.
///
/// A *region* is some number of tasks that are handed out one by one. Whoever opens a region works
/// too, and returns when every task is done; a worker that has not joined by the time the tasks are
/// out is locked out, so nobody waits for one that sleeps. A region costs about a microsecond, as
/// long as regions follow each other quickly: workers spin for a moment, then they park. Nothing is
/// allocated.
///
/// A caller that finds the team busy, or that is inside a region already, runs its tasks alone.
/// Thread-safe.
public final class Team {
  /// What a region is made of.
  @FunctionalInterface
  public interface Tasks {
    /// Does task number `task`; called once for each number, from several threads.
    void run(int task);
  }

  /// How long a worker that has nothing to do spins before it parks.
  private static final long SPIN_NANOS = 100_000;

  /// The state is the number of the region, whether it may be joined, and how many workers are in
  /// it.
  private static final long REGION = 1L << 32;

  private static final long OPEN = 1L << 31;
  private static final long WORKERS = OPEN - 1;

  private final Worker[] workers;
  private final AtomicLong state = new AtomicLong();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  // What the open region is about; published by opening the state.
  private @Nullable Tasks tasks;
  private int count;
  private int guests;

  private Team(int size) {
    workers = new Worker[size - 1];
  }

  /// A team of `size` threads, the caller being one of them, apart from {@link #shared}.
  static Team of(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a team has at least 1 thread, but is to have " + size);
    }
    Team team = new Team(size);
    for (int i = 0; i < team.workers.length; i++) {
      team.workers[i] = team.new Worker("inferno-worker-" + (i + 1));
      team.workers[i].start();
    }
    return team;
  }

  /// The one team of this process; its workers start when it is first asked for.
  public static Team shared() {
    return Shared.TEAM;
  }

  /// Decides the size of the shared team. Call it before anything is computed: the default is the
  /// property `inferno.threads`, and without it the number of available processors.
  ///
  /// @throws IllegalArgumentException if `size` is not 1 to 1024
  /// @throws IllegalStateException if the team has begun to work with another size
  public static void size(int size) {
    if (size < 1 || size > TeamSize.HIGHEST) {
      throw new IllegalArgumentException(
          "threads must be 1 to " + TeamSize.HIGHEST + ", but is " + size);
    }
    TeamSize.request(size);
    if (shared().size() != size) {
      throw new IllegalStateException(
          "the team works with " + shared().size() + " threads already, it cannot have " + size);
    }
  }

  /// Checks the property `inferno.threads`, which {@link #shared} does not complain of.
  ///
  /// @throws IllegalArgumentException if it is no possible size
  public static void requireValidProperty() {
    TeamSize.size();
  }

  /// How many threads there are, the caller included.
  public int size() {
    return workers.length + 1;
  }

  /// Runs tasks 0 to `count` - 1 on at most `threads` threads, and returns when all are done.
  ///
  /// What a task throws ends the region: tasks that have not begun are left out, and the first
  /// exception is thrown here.
  public void run(int threads, int count, Tasks tasks) {
    int guests = Math.min(Math.min(threads, size()), count) - 1;
    if (guests < 1 || !busy.compareAndSet(false, true)) {
      for (int task = 0; task < count; task++) {
        tasks.run(task);
      }
      return;
    }
    try {
      open(guests, count, tasks);
      work(tasks, count);
      close();
      Throwable thrown = failure.getAndSet(null);
      if (thrown instanceof Error error) {
        throw error;
      } else if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
    } finally {
      busy.set(false);
    }
  }

  private void open(int guests, int count, Tasks tasks) {
    this.tasks = tasks;
    this.count = count;
    this.guests = guests;
    next.set(0);
    state.set((state.get() & -REGION) + REGION | OPEN);
    for (int i = 0; i < guests; i++) {
      workers[i].wake();
    }
  }

  /// Takes tasks until there are none; never throws.
  private void work(Tasks tasks, int count) {
    try {
      for (int task = next.getAndIncrement(); task < count; task = next.getAndIncrement()) {
        tasks.run(task);
      }
    } catch (Throwable thrown) {
      failure.compareAndSet(null, thrown);
      next.set(count);
    }
  }

  /// Nobody joins any more; waits for those who have.
  @SuppressWarnings("ThreadPriorityCheck") // yielding is a courtesy, nothing relies on it
  private void close() {
    state.getAndAdd(-OPEN);
    int spins = 0;
    while ((state.get() & WORKERS) != 0) {
      if (++spins < 20_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // a worker waits for a processor: let it have this one
      }
    }
    tasks = null;
  }

  /// Joins an open region, unless it is full.
  private void takePart(long seen) {
    long now = seen;
    while ((now & OPEN) != 0 && (now & -REGION) == (seen & -REGION) && (now & WORKERS) < guests) {
      long witness = state.compareAndExchange(now, now + 1);
      if (witness == now) {
        Tasks joined = tasks;
        if (joined != null) {
          work(joined, count);
        }
        state.getAndDecrement();
        return;
      }
      now = witness;
    }
  }

  private final class Worker extends Thread {
    private volatile boolean parked;

    private Worker(String name) {
      super(null, null, name, 0, false);
      setDaemon(true);
    }

    @Override
    public void run() {
      long last = 0;
      while (true) {
        long now = awaitRegionAfter(last);
        last = now & -REGION;
        takePart(now);
      }
    }

    private long awaitRegionAfter(long last) {
      long now = state.get();
      long deadline = System.nanoTime() + SPIN_NANOS;
      int spins = 0;
      while ((now & -REGION) == last) {
        if (++spins % 64 != 0 || System.nanoTime() < deadline) {
          Thread.onSpinWait();
        } else {
          parked = true;
          if ((state.get() & -REGION) == last) {
            LockSupport.park(Team.this);
            Thread.interrupted(); // nobody has a reason to; it would keep park from parking
          }
          parked = false;
          deadline = System.nanoTime() + SPIN_NANOS;
        }
        now = state.get();
      }
      return now;
    }

    private void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }
  }

  private static final class Shared {
    private static final Team TEAM = of(TeamSize.sizeOrDefault());
  }
}
