package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The run that ships with the page, so that there is something to see and to try before a model is
/// loaded: what went over the wire when it was made, and the tensors that could be fetched.
///
/// - `events.jsonl`: an event a line, `{"type": ..., "data": ...}`, from `run` to `run-end`
/// - `tensors.bin`: little-endian 32-bit floats, the tensors of the steps in the order in which the
///   events list them
/// - `vocabulary.json`: every token of the model, in the order of the ids
///
/// `RecordingMaker`, among the tests, makes it.
final class Recording {
  /// What the run is called.
  static final String RUN = "demo";

  static final String EVENTS = "events.jsonl";
  static final String TENSORS = "tensors.bin";
  static final String VOCABULARY = "vocabulary.json";

  private Recording() {}

  /// Makes it the first run of a server.
  static void load(EventLog log, KeptRuns kept) throws IOException {
    Wire.Token[] tokens = Json.written(read(VOCABULARY), Wire.Token[].class);
    ByteBuffer floats = ByteBuffer.wrap(read(TENSORS)).order(ByteOrder.LITTLE_ENDIAN);
    KeptRun run = null;
    for (JsonNode event : events()) {
      JsonNode data = event.get("data");
      String type = event.get("type").textValue();
      log.append(type, data);
      if (type.equals("run")) {
        run = new KeptRun(Json.read(data, Wire.Run.class), Vocabulary.of(Arrays.asList(tokens)));
        kept.add(run);
      } else if (type.equals("prompt") && run != null) {
        run.prompt(Json.read(data, Wire.Prompt.class));
      } else if (type.equals("step") && run != null) {
        run.chose(data.at("/sampling/selection/token/id").intValue());
        kept.add(RUN, data.get("step").intValue(), tensors(data.get("tensors"), floats));
      }
    }
  }

  /// Its events, in order.
  static List<JsonNode> events() throws IOException {
    var events = new ArrayList<JsonNode>();
    for (String line : new String(read(EVENTS), UTF_8).lines().toList()) {
      events.add(Json.tree(line.getBytes(UTF_8)));
    }
    return events;
  }

  private static List<Tensor> tensors(JsonNode infos, ByteBuffer floats) {
    var tensors = new ArrayList<Tensor>();
    for (JsonNode node : infos) {
      Wire.TensorInfo info = Json.read(node, Wire.TensorInfo.class);
      int size = Arrays.stream(info.shape()).reduce(1, Math::multiplyExact);
      float[] values = new float[size];
      floats.asFloatBuffer().get(values);
      floats.position(floats.position() + Float.BYTES * size);
      tensors.add(new Tensor(info.name(), info.axes(), info.shape(), info.firstPosition(), values));
    }
    return tensors;
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = Recording.class.getResourceAsStream("recording/" + file)) {
      if (in == null) {
        throw new FileNotFoundException(
            "the file %s of the recording is missing from the jar".formatted(file));
      }
      return in.readAllBytes();
    }
  }
}
