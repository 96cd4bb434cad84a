package dev.inferno.internal.kernels;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads that share a product's work: the caller and a few standing daemon workers.
///
/// A *region* is some number of tasks. Whoever opens a region works too, and returns when every
/// task is done. Tasks are handed out in runs, long ones first and single ones at the end ("guided
/// self-scheduling", <https://doi.org/10.1109/TC.1987.5009495>), so that threads seldom meet at the
/// counter and yet end together. A worker that comes when all tasks are out does nothing, so nobody
/// waits for one that sleeps. A region costs about a microsecond, as long as regions follow each
/// other quickly: workers spin for a moment, then they park. Nothing is allocated.
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
  private static final long SPIN_NANOS = 200_000;

  /// Where the two counters are: far enough from each other and from all else that a thread which
  /// waits for one does not take the cache line of the other.
  private static final int NEXT = 16;

  private static final int DONE = 32;
  private static final int COUNTERS = 48;

  /// {@link #NEXT} is the number of the region and of the first task that is not out yet.
  private static final long REGION = 1L << 32;

  private static final long TASK = REGION - 1;

  /// In place of a task: the region is over.
  private static final long OVER = TASK;

  private final Worker[] workers;
  private final AtomicLongArray counters = new AtomicLongArray(COUNTERS);
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  // What the open region is about: written while no region is open, published by opening one.
  private @Nullable Tasks tasks;
  private int count;
  private int guests; // the first of the workers take part

  private Team(int size) {
    workers = new Worker[size - 1];
    counters.set(NEXT, OVER);
  }

  /// A team of `size` threads, the caller being one of them, apart from {@link #shared}.
  static Team of(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a team has at least 1 thread, but is to have " + size);
    }
    Team team = new Team(size);
    for (int i = 0; i < team.workers.length; i++) {
      team.workers[i] = team.new Worker(i);
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
      work(counters.get(NEXT) & -REGION, tasks);
      close();
      Throwable thrown = failure.get();
      if (thrown != null) {
        failure.set(null);
        rethrow(thrown);
      }
    } finally {
      busy.set(false);
    }
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown; // a task has no others
  }

  private void open(int guests, int count, Tasks tasks) {
    this.tasks = tasks;
    this.count = count;
    this.guests = guests;
    counters.set(DONE, 0);
    counters.set(NEXT, (counters.get(NEXT) & -REGION) + REGION);
    for (int i = 0; i < guests; i++) {
      workers[i].wake();
    }
  }

  /// Does tasks of a region until there are none; never throws.
  private void work(long region, Tasks tasks) {
    int done = 0;
    long next = counters.get(NEXT);
    while ((next & -REGION) == region) {
      int first = (int) (next & TASK);
      int left = count - first;
      if (next == (region | OVER) || left <= 0) {
        break;
      }
      int run = Math.max(1, left / (2 * (guests + 1)));
      long witness = counters.compareAndExchange(NEXT, next, next + run);
      if (witness != next) {
        next = witness;
        continue;
      }
      done += run(tasks, first, run);
      next = counters.get(NEXT);
    }
    if (done > 0) {
      counters.getAndAdd(DONE, done);
    }
  }

  /// Does a run of tasks. If one throws, those that are not out yet are taken, too, and left out.
  ///
  /// @return how many tasks are settled
  private int run(Tasks tasks, int first, int run) {
    try {
      for (int task = first; task < first + run; task++) {
        tasks.run(task);
      }
      return run;
    } catch (Throwable thrown) {
      failure.compareAndSet(null, thrown);
      long next = counters.get(NEXT);
      while (true) {
        long witness = counters.compareAndExchange(NEXT, next, (next & -REGION) + count);
        if (witness == next) {
          return run + count - (int) (next & TASK);
        }
        next = witness;
      }
    }
  }

  /// Waits until all tasks are done.
  @SuppressWarnings("ThreadPriorityCheck") // yielding is a courtesy, nothing relies on it
  private void close() {
    int spins = 0;
    while (counters.get(DONE) != count) {
      if (++spins < 20_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // a worker waits for a processor: let it have this one
      }
    }
    // A read as well as a write: what is written behind it is not seen before it.
    counters.getAndSet(NEXT, counters.get(NEXT) | OVER);
    tasks = null;
  }

  private final class Worker extends Thread {
    private final int index;
    private volatile boolean parked;

    private Worker(int index) {
      super(null, null, "inferno-worker-" + (index + 1), 0, false);
      this.index = index;
      setDaemon(true);
    }

    @Override
    public void run() {
      long last = 0;
      while (true) {
        last = awaitRegionAfter(last);
        Tasks joined = tasks;
        // What is read here may be of a later region. Then no task of this one is to be had.
        if (index < guests && joined != null) {
          work(last, joined);
        }
      }
    }

    private long awaitRegionAfter(long last) {
      long now = counters.get(NEXT) & -REGION;
      long deadline = System.nanoTime() + SPIN_NANOS;
      int spins = 0;
      while (now == last) {
        if (++spins % 64 != 0 || System.nanoTime() < deadline) {
          Thread.onSpinWait();
        } else {
          parked = true;
          if ((counters.get(NEXT) & -REGION) == last) {
            LockSupport.park(Team.this);
            Thread.interrupted(); // nobody has a reason to; it would keep park from parking
          }
          parked = false;
          deadline = System.nanoTime() + SPIN_NANOS;
        }
        now = counters.get(NEXT) & -REGION;
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
