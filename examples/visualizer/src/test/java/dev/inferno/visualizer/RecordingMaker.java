package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Makes the recorded run that ships with the page; {@link RecordingTest} says how to start it.
final class RecordingMaker {
  /// Of this seed no decision is close: other kernels come to the same story.
  private static final Wire.Generate REQUEST =
      new Wire.Generate(
          "Once upon a time", 48, "57", null, null, null, 20, null, "demo", "a recorded run");

  private static final int WARM_UP_RUNS = 10;

  /// What was recorded.
  ///
  /// @param events from `run` to `run-end`, each as `{"type": ..., "data": ...}`
  /// @param tensors those of all steps, in order
  record Made(List<JsonNode> events, List<Tensor> tensors, List<Wire.Token> vocabulary) {

    void writeTo(Path folder) throws IOException {
      var lines = new ByteArrayOutputStream();
      for (JsonNode event : events) {
        lines.write(Json.write(event));
        lines.write('\n');
      }
      var floats = new ByteArrayOutputStream();
      for (Tensor tensor : tensors) {
        floats.write(tensor.littleEndian());
      }
      var tokens = new ArrayList<String>();
      for (Wire.Token token : vocabulary) {
        tokens.add(new String(Json.write(token), UTF_8));
      }
      Files.createDirectories(folder);
      Files.write(folder.resolve(Recording.EVENTS), lines.toByteArray());
      Files.write(folder.resolve(Recording.TENSORS), floats.toByteArray());
      Files.writeString(
          folder.resolve(Recording.VOCABULARY), "[\n" + String.join(",\n", tokens) + "\n]\n");
    }
  }

  /// A line of the file of events.
  private record Line(String type, JsonNode data) {}

  private RecordingMaker() {}

  static Made make(Path model) throws IOException, InterruptedException {
    var kept = new KeptRuns(Long.MAX_VALUE);
    var source = new ModelSource("tiny", progress -> Model.load(model, progress));
    try (var log = new EventLog(Long.MAX_VALUE);
        var runner = new Runner(log, kept, source, SessionOptions.defaults())) {
      runner.start();
      var reader = new LogReader(log);
      reader.until(event -> event.type().equals("model") && event.data("status").equals("ready"));
      for (int i = 0; i < WARM_UP_RUNS; i++) { // the times of the first ones are the compiler's
        runner.submit(REQUEST);
        reader.until(event -> event.type().equals("run-end"));
      }
      String run = runner.submit(REQUEST);
      List<LogReader.Read> read = reader.until(event -> event.type().equals("run-end"));
      var events = new ArrayList<JsonNode>();
      var tensors = new ArrayList<Tensor>();
      for (LogReader.Read event : read) {
        if (event.json().path("run").asText().equals(run) && !event.type().equals("state")) {
          for (JsonNode info : event.json().path("tensors")) {
            int step = event.json().get("step").intValue();
            tensors.add(kept.tensor(run, step, info.get("name").textValue()));
          }
          events.add(Json.tree(Json.write(named(event))));
        }
      }
      return new Made(events, tensors, vocabulary(model));
    }
  }

  /// The event as the page gets it: of the run that ships with it.
  private static Line named(LogReader.Read event) {
    ObjectNode data = (ObjectNode) event.json();
    data.put("run", Recording.RUN);
    if (event.type().equals("run")) {
      data.put("recorded", true);
    }
    return new Line(event.type(), data);
  }

  private static List<Wire.Token> vocabulary(Path file) throws IOException {
    try (Model model = Model.load(file)) {
      Vocabulary vocabulary = Vocabulary.of(model.tokenizer());
      return IntStream.range(0, model.tokenizer().vocabularySize())
          .mapToObj(vocabulary::token)
          .toList();
    }
  }
}
