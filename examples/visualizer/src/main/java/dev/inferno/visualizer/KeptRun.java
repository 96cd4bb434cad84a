package dev.inferno.visualizer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is kept of a run besides its events: enough to draw each of its tokens again. Thread-safe.
final class KeptRun {
  private final Wire.Run run;
  private final Vocabulary vocabulary;
  private Wire.@Nullable Prompt prompt;
  private final List<Integer> chosen = new ArrayList<>();

  KeptRun(Wire.Run run, Vocabulary vocabulary) {
    this.run = run;
    this.vocabulary = vocabulary;
  }

  Wire.Run run() {
    return run;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  synchronized void prompt(Wire.Prompt prompt) {
    this.prompt = prompt;
  }

  synchronized Wire.@Nullable Prompt prompt() {
    return prompt;
  }

  synchronized void chose(int id) {
    chosen.add(id);
  }

  synchronized List<Integer> promptIds() {
    return prompt == null ? List.of() : prompt.tokens().stream().map(Wire.Token::id).toList();
  }

  /// The tokens that were chosen before the choice of a step.
  synchronized List<Integer> chosenBefore(int step) {
    return List.copyOf(chosen.subList(0, Math.min(step, chosen.size())));
  }
}
