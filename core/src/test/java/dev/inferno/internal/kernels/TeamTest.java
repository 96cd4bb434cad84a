package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class TeamTest {

  @Test
  void everyTaskIsDoneOnceInEveryRegion() {
    Team team = Team.of(4);
    for (int region = 0; region < 300; region++) {
      AtomicIntegerArray done = new AtomicIntegerArray(region % 23);
      team.run(1 + region % 5, done.length(), done::getAndIncrement);
      for (int task = 0; task < done.length(); task++) {
        assertThat(done.get(task)).as("region %d, task %d", region, task).isEqualTo(1);
      }
    }
  }

  @Test
  void tasksRunAtTheSameTime() {
    CyclicBarrier meeting = new CyclicBarrier(3);
    Team.of(3).run(3, 3, _ -> await(meeting)); // would never end on fewer threads
    assertThat(meeting.getNumberWaiting()).isZero();
  }

  @Test
  void theCallerTakesPartAndNoMoreThreadsThanAskedFor() {
    Team team = Team.of(4);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CyclicBarrier meeting = new CyclicBarrier(2);
    AtomicInteger met = new AtomicInteger();
    team.run(
        2,
        200,
        _ -> {
          threads.add(Thread.currentThread());
          if (met.getAndIncrement() < 2) {
            await(meeting);
          }
        });
    assertThat(threads).hasSize(2).contains(Thread.currentThread());
  }

  @Test
  void workersAreDaemonsAndSoDoNotKeepTheProgramAlive() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CyclicBarrier meeting = new CyclicBarrier(2);
    Team.of(2)
        .run(
            2,
            2,
            _ -> {
              threads.add(Thread.currentThread());
              await(meeting);
            });
    threads.remove(Thread.currentThread());
    assertThat(threads).singleElement().matches(Thread::isDaemon);
  }

  @Test
  void anExceptionOfATaskReachesTheCallerAndTheTeamGoesOn() {
    Team team = Team.of(2);
    CyclicBarrier meeting = new CyclicBarrier(2);
    Thread caller = Thread.currentThread();
    assertThatThrownBy(() ->
            team.run(
                2,
                2,
                task -> {
                  await(meeting);
                  if (!Thread.currentThread().equals(caller)) {
                    throw new IllegalStateException("task " + task + " of a worker");
                  }
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("of a worker");
    assertThatThrownBy(() ->
            team.run(
                2,
                100,
                _ -> {
                  throw new AssertionError("all of them");
                }))
        .isInstanceOf(AssertionError.class);
    AtomicInteger done = new AtomicInteger();
    team.run(2, 50, _ -> done.getAndIncrement());
    assertThat(done).hasValue(50);
  }

  @Test
  void aRegionInsideARegionRunsOnItsOwnThread() {
    Team team = Team.of(3);
    AtomicInteger done = new AtomicInteger();
    team.run(
        3,
        10,
        _ -> {
          Thread outer = Thread.currentThread();
          team.run(
              3,
              5,
              _ -> {
                assertThat(Thread.currentThread()).isSameAs(outer);
                done.getAndIncrement();
              });
        });
    assertThat(done).hasValue(50);
  }

  @Test
  void aCallerThatFindsTheTeamBusyRunsAlone() throws InterruptedException {
    Team team = Team.of(2);
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch release = new CountDownLatch(1);
    Thread first =
        new Thread(() ->
            team.run(
                2,
                2,
                _ -> {
                  inside.countDown();
                  await(release);
                }));
    first.start();
    inside.await();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    team.run(2, 20, _ -> threads.add(Thread.currentThread()));
    assertThat(threads).containsExactly(Thread.currentThread());
    release.countDown();
    first.join();
  }

  @Test
  void manyCallersAtOnceGetAllOfTheirTasksDone() throws InterruptedException {
    Team team = Team.of(3);
    AtomicInteger done = new AtomicInteger();
    Thread[] callers = new Thread[4];
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          new Thread(() -> {
            for (int region = 0; region < 100; region++) {
              team.run(3, 7, _ -> done.getAndIncrement());
            }
          });
      callers[i].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(done).hasValue(4 * 100 * 7);
  }

  @Test
  void aParkedTeamWakesUp() throws InterruptedException {
    Team team = Team.of(2);
    for (int i = 0; i < 3; i++) {
      Thread.sleep(2); // longer than workers spin
      CyclicBarrier meeting = new CyclicBarrier(2);
      team.run(2, 2, _ -> await(meeting));
    }
  }

  @Test
  void itsSizeComesFromThePropertyOrTheProcessors() {
    assertThat(TeamSize.ofProperty("3")).isEqualTo(3);
    assertThat(TeamSize.ofProperty("")).isBetween(1, TeamSize.HIGHEST);
    for (String bad : new String[] {"0", "-1", "many", "1025"}) {
      assertThatThrownBy(() -> TeamSize.ofProperty(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the property inferno.threads must be 1 to 1024, but is '" + bad + "'");
    }
    assertThatThrownBy(() -> Team.size(0)).isInstanceOf(IllegalArgumentException.class);
    int size = Team.shared().size();
    assertThatThrownBy(() -> Team.size(size + 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("works with " + size + " threads");
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
