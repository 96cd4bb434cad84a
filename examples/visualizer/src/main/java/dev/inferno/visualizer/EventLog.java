package dev.inferno.visualizer;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The latest events, numbered from 0, up to a number of bytes. Readers keep their own place and
/// come for more: a slow one costs the writer nothing, and misses what was let go meanwhile.
/// Thread-safe.
final class EventLog implements AutoCloseable {

  /// An event as it goes over the wire.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Event(long number, String type, byte[] json) {}

  /// What a reader gets.
  ///
  /// @param missed how many events before the first of these were let go
  record Batch(long missed, List<Event> events) {}

  private static final int BATCH = 64;

  private final long capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final TreeMap<Long, Event> events = new TreeMap<>(); // by number
  private long bytes;
  private long next;
  private boolean closed;

  EventLog(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /// Adds an event, and lets the oldest go where there is no room. The latest always stays.
  void append(String type, Object data) {
    byte[] json = Json.write(data);
    lock.lock();
    try {
      events.put(next, new Event(next, type, json));
      next++;
      bytes += json.length;
      while (bytes > capacityBytes && events.size() > 1) {
        bytes -= events.pollFirstEntry().getValue().json().length;
      }
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The number of the oldest event that is kept.
  long oldest() {
    lock.lock();
    try {
      return next - events.size();
    } finally {
      lock.unlock();
    }
  }

  /// The number that the next event will have.
  long next() {
    lock.lock();
    try {
      return next;
    } finally {
      lock.unlock();
    }
  }

  /// Some events from `number` on. Waits for one, but no longer than `millis`: then there is none.
  ///
  /// @throws InterruptedException if interrupted
  Batch from(long number, long millis) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (number >= next && !closed && nanos > 0) {
        nanos = more.awaitNanos(nanos);
      }
      long first = Math.max(number, next - events.size());
      var batch = new ArrayList<Event>();
      for (Event event : events.tailMap(first).values()) {
        if (batch.size() == BATCH) {
          break;
        }
        batch.add(event);
      }
      return new Batch(first - number, batch);
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /// Wakes all readers: nothing will come any more.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
