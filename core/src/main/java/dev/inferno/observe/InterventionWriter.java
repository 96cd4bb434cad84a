package dev.inferno.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/// Writes interventions as JSON, see {@link Interventions}.
final class InterventionWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonGenerator json;

  private InterventionWriter(JsonGenerator json) {
    this.json = json;
  }

  static String write(List<Intervention> interventions) {
    return written(writer -> {
      writer.json.writeStartObject();
      writer.json.writeArrayFieldStart("edits");
      for (Intervention intervention : interventions) {
        writer.intervention(intervention);
      }
      writer.json.writeEndArray();
      writer.json.writeEndObject();
    });
  }

  static String write(Intervention intervention) {
    return written(writer -> writer.intervention(intervention));
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(InterventionWriter writer) throws IOException;
  }

  private static String written(Content content) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      content.writeTo(new InterventionWriter(json));
    } catch (IOException e) {
      throw new AssertionError("writing a string does no output", e);
    }
    return text.toString();
  }

  private void intervention(Intervention intervention) throws IOException {
    json.writeStartObject();
    json.writeStringField("op", OperationName.of(intervention.operation()).json());
    place(intervention.point());
    integers("neurons", intervention.neurons());
    steps(intervention.steps());
    integers("tokens", intervention.tokens());
    when(intervention.condition());
    operands(intervention);
    json.writeEndObject();
  }

  private void place(Point point) throws IOException {
    Hook hook = point.hook();
    boolean oneLayer = point.layers().size() == 1;
    json.writeStringField(
        "point", oneLayer ? hook.name(point.layers().getFirst()) : hook.pattern());
    if (!oneLayer) {
      integers("layers", point.layers());
    }
    integers("heads", point.heads());
    switch (point.positions()) {
      case Positions.All() -> {}
      case Positions.Last() -> json.writeStringField("positions", "last");
      case Positions.Prompt() -> json.writeStringField("positions", "prompt");
      case Positions.Generated() -> json.writeStringField("positions", "generated");
      case Positions.Chosen(List<Integer> positions) -> {
        if (positions.isEmpty()) {
          throw new IllegalArgumentException(point + " names no position");
        }
        integers("positions", positions);
      }
    }
  }

  private void steps(Steps steps) throws IOException {
    if (steps.equals(Steps.ALL)) {
      return;
    }
    json.writeObjectFieldStart("steps");
    if (steps.first() != Steps.ALL.first()) {
      json.writeNumberField("first", steps.first());
    }
    if (steps.last() != Steps.ALL.last()) {
      json.writeNumberField("last", steps.last());
    }
    if (steps.every() != Steps.ALL.every()) {
      json.writeNumberField("every", steps.every());
    }
    json.writeEndObject();
  }

  private void when(Condition condition) throws IOException {
    if (condition.equals(Condition.ALWAYS)) {
      return;
    }
    json.writeObjectFieldStart("when");
    if (condition.entropyAbove().isPresent()) {
      json.writeNumberField("entropy_above", condition.entropyAbove().getAsDouble());
    }
    if (condition.probabilityBelow().isPresent()) {
      json.writeNumberField("probability_below", condition.probabilityBelow().getAsDouble());
    }
    json.writeEndObject();
  }

  private void operands(Intervention intervention) throws IOException {
    switch (intervention.operation()) {
      case Intervention.Zero(), Intervention.Mask() -> {}
      case Intervention.Callback _ -> throw new IllegalStateException("a callback has no name");
      case Intervention.Scale(float factor) -> json.writeNumberField("factor", factor);
      case Intervention.Add(Intervention.Vector vector) -> floats("vector", vector);
      case Intervention.Shift(float value) -> json.writeNumberField("value", value);
      case Intervention.Fill(float value) -> json.writeNumberField("value", value);
      case Intervention.Set(Intervention.Vector vector) -> floats("vector", vector);
      case Intervention.Mean(Intervention.Vector vector) -> floats("vector", vector);
      case Intervention.Clamp(float min, float max) -> {
        json.writeNumberField("min", min);
        json.writeNumberField("max", max);
      }
      case Intervention.ProjectOut(Intervention.Vector direction) -> floats("direction", direction);
      case Intervention.Noise(float sigma, long seed) -> {
        json.writeNumberField("sigma", sigma);
        json.writeNumberField("seed", seed);
      }
      case Intervention.PatchIn(Patch patch) -> {
        Patch.Source source =
            patch
                .source()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        intervention + ": a patch that is not of a file cannot be written"));
        json.writeStringField("file", source.file());
        json.writeStringField("array", source.array());
      }
      case Intervention.CutEdge(int key) -> json.writeNumberField("key", key);
    }
  }

  private void integers(String field, List<Integer> integers) throws IOException {
    if (integers.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(field);
    for (int integer : integers) {
      json.writeNumber(integer);
    }
    json.writeEndArray();
  }

  private void floats(String field, Intervention.Vector vector) throws IOException {
    json.writeArrayFieldStart(field);
    for (int i = 0; i < vector.length(); i++) {
      json.writeNumber(vector.get(i));
    }
    json.writeEndArray();
  }
}
