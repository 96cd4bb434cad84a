package dev.inferno.cli;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.sampler.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// A workload that is set up: its sessions hold as many tokens as it begins with, and go back to
/// them after each run. Tokens are random, the same every time.
final class BenchSessions implements AutoCloseable {
  private final BenchWorkload workload;
  private final Model model;
  private final Stop stop;
  private final List<Session> sessions = new ArrayList<>();
  private final Random random = new Random(1);

  private BenchSessions(BenchWorkload workload, Model model, Stop stop) {
    this.workload = workload;
    this.model = model;
    this.stop = stop;
  }

  /// Sets a workload up.
  ///
  /// @throws CancellationException if all is to end
  static BenchSessions of(BenchWorkload workload, Model model, SessionOptions options, Stop stop) {
    var set = new BenchSessions(workload, model, stop);
    boolean done = false;
    try {
      for (int i = 0; i < workload.sessions(); i++) {
        Session session = model.newSession(options);
        set.sessions.add(session);
        stop.during(session::cancel);
        session.append(set.tokens(workload.depth()));
      }
      done = true;
      return set;
    } finally {
      if (!done) {
        set.close();
      }
    }
  }

  private int[] tokens(int count) {
    return random.ints(count, 0, model.info().vocabulary()).toArray();
  }

  /// Runs once.
  ///
  /// @return tokens per second, of all sessions together
  /// @throws CancellationException if all is to end
  double run() {
    int[] tokens = tokens(Math.max(workload.tokens(), workload.sessions()));
    stop.during(() -> sessions.forEach(Session::cancel));
    long start = System.nanoTime();
    if (workload.sessions() > 1) {
      decodeTogether(tokens);
    } else {
      Session session = sessions.getFirst();
      switch (workload.kind()) {
        case PROMPT -> session.append(tokens);
        case DECODE -> decode(session, tokens);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    sessions.forEach(session -> session.rewind(session.length() - workload.depth()));
    return workload.tokens() * workload.sessions() / seconds;
  }

  private void decode(Session session, int[] tokens) {
    for (int token : tokens) {
      stop.check();
      session.append(token);
    }
  }

  private void decodeTogether(int[] firstTokens) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .maxTokens(workload.tokens())
            .sampler(Sampler.greedy())
            .ignoreEndOfText();
    List<Future<Generation>> generations = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      int[] prompt = {firstTokens[i]};
      generations.add(model.scheduler().submit(sessions.get(i), prompt, options));
    }
    for (Future<Generation> generation : generations) {
      int count = ids(generation).size();
      stop.check();
      if (count != workload.tokens()) {
        throw new IllegalStateException(
            "a session gave %d tokens instead of %d".formatted(count, workload.tokens()));
      }
    }
  }

  private static List<Integer> ids(Future<Generation> generation) {
    try {
      return generation.get().ids();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a session beside others failed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }
}
