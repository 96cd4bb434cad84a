package dev.inferno.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads interventions from JSON token by token, see {@link Interventions}. The type of a field
/// does not depend on the operation, so that fields may come in any order; whether they go together
/// is checked when all have been read. For one text.
final class InterventionParser {
  private static final int MAX_DEPTH =
      8; // 4 are needed; what is too deep but not very gets a better message

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(65_535)
                  .maxNameLength(65_535)
                  .maxNumberLength(64)
                  .build())
          .build();

  /// What a field names a layer with: the one number of `blocks.3.hook_resid_post` or `l_out-3`.
  private static final Pattern LAYER =
      Pattern.compile("blocks\\.(\\d{1,9})\\..*|[a-z_]+-(\\d{1,9})");

  private static final List<String> PLACES =
      List.of("op", "point", "layers", "heads", "neurons", "positions", "steps", "tokens", "when");

  private final JsonParser parser;
  private final Optional<Path> folder;

  /// Reads a text; without a folder no file may be named.
  InterventionParser(String json, Optional<Path> folder) {
    this.folder = folder;
    try {
      this.parser = JSON.createParser(json);
    } catch (IOException e) {
      throw new AssertionError("reading a string does no input", e);
    }
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read() throws IOException;
  }

  /// The whole text as `{"edits": [...]}`.
  List<Intervention> list() throws IOException {
    return whole(() -> {
      List<Intervention> interventions = null;
      require(parser.nextToken(), JsonToken.START_OBJECT, "the whole");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        if (!field.equals("edits")) {
          throw new IllegalArgumentException(
              "field '%s' is not possible; possible are [edits]".formatted(field));
        }
        interventions = new ArrayList<>();
        require(parser.nextToken(), JsonToken.START_ARRAY, "'edits'");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          interventions.add(intervention("edits[" + interventions.size() + "]"));
        }
      }
      if (interventions == null) {
        throw new IllegalArgumentException("'edits' must be an array, but is missing");
      }
      return interventions;
    });
  }

  /// The whole text as one intervention.
  Intervention one() throws IOException {
    return whole(() -> {
      parser.nextToken();
      return intervention("");
    });
  }

  private <T> T whole(Reading<T> reading) throws IOException {
    try (parser) {
      T read = reading.read();
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("the text goes on after its closing brace");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not valid JSON%s: %s"
              .formatted(
                  e.getLocation() == null
                      ? ""
                      : " at line %d, column %d"
                          .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
                  e.getOriginalMessage()),
          e);
    }
  }

  /// The fields of an edit, as they were read.
  private static final class Fields {
    final List<String> names = new ArrayList<>();
    String op = "";
    String point = "";
    int[] layers = {};
    int[] heads = {};
    int[] neurons = {};
    int[] tokens = {};
    Positions positions = new Positions.All();
    Steps steps = Steps.ALL;
    Condition condition = Condition.ALWAYS;
    float factor = 1;
    float value;
    float min;
    float max;
    float sigma;
    float[] vector = {};
    float[] direction = {};
    long seed;
    int key;
    String file = "";
    String array = "";

    boolean has(String name) {
      return names.contains(name);
    }
  }

  /// The object that begins at the current token.
  ///
  /// @param path what the object is called in messages; empty for the whole text
  private Intervention intervention(String path) throws IOException {
    require(
        parser.currentToken(), JsonToken.START_OBJECT, path.isEmpty() ? "the whole" : quoted(path));
    var fields = new Fields();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      field(parser.currentName(), fields, path);
    }
    OperationName operation = operation(fields, path);
    requireFieldsOf(operation, fields, path);
    Point point = point(fields, path);
    try {
      return intervention(operation, point, fields);
    } catch (IllegalArgumentException e) {
      throw path.isEmpty() ? e : new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  private void field(String name, Fields fields, String path) throws IOException {
    String full = full(path, name);
    JsonToken token = parser.nextToken();
    fields.names.add(name);
    switch (name) {
      case "op" -> fields.op = string(token, full);
      case "point" -> fields.point = string(token, full);
      case "layers" -> fields.layers = integers(token, full);
      case "heads" -> fields.heads = integers(token, full);
      case "neurons" -> fields.neurons = integers(token, full);
      case "tokens" -> fields.tokens = integers(token, full);
      case "positions" -> fields.positions = positions(token, full);
      case "steps" -> fields.steps = steps(token, full);
      case "when" -> fields.condition = condition(token, full);
      case "factor" -> fields.factor = number(token, full);
      case "value" -> fields.value = number(token, full);
      case "min" -> fields.min = number(token, full);
      case "max" -> fields.max = number(token, full);
      case "sigma" -> fields.sigma = number(token, full);
      case "vector" -> fields.vector = numbers(token, full);
      case "direction" -> fields.direction = numbers(token, full);
      case "seed" -> fields.seed = integer(token, full, Long.MIN_VALUE, Long.MAX_VALUE);
      case "key" -> fields.key = index(token, full);
      case "file" -> fields.file = string(token, full);
      case "array" -> fields.array = string(token, full);
      default -> {
        List<String> possible = new ArrayList<>(PLACES);
        for (OperationName operation : OperationName.values()) {
          operation.operands().stream().filter(o -> !possible.contains(o)).forEach(possible::add);
        }
        throw new IllegalArgumentException(
            "field '%s' is not possible; possible are %s".formatted(full, possible));
      }
    }
  }

  private static OperationName operation(Fields fields, String path) {
    requirePresent(fields, "op", "a string", path);
    return OperationName.named(fields.op)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s '%s' is not possible; possible are %s"
                    .formatted(
                        path.isEmpty() ? "op" : path + ".op",
                        fields.op,
                        String.join(", ", OperationName.all()))));
  }

  private static void requireFieldsOf(OperationName operation, Fields fields, String path) {
    for (String name : fields.names) {
      if (!PLACES.contains(name) && !operation.operands().contains(name)) {
        List<String> possible = new ArrayList<>(PLACES);
        possible.addAll(operation.operands());
        throw new IllegalArgumentException(
            "field '%s' is not possible with op '%s'; possible are %s"
                .formatted(full(path, name), operation.json(), possible));
      }
    }
    requirePresent(fields, "point", "a string", path);
    for (String name : operation.required()) {
      requirePresent(fields, name, OperationName.type(name), path);
    }
    boolean eitherOr = operation == OperationName.SET || operation == OperationName.ADD;
    if (eitherOr && fields.has("value") == fields.has("vector")) {
      throw new IllegalArgumentException(
          "op '%s' takes either '%s' or '%s'"
              .formatted(operation.json(), full(path, "value"), full(path, "vector")));
    }
  }

  private static void requirePresent(Fields fields, String name, String type, String path) {
    if (!fields.has(name)) {
      throw new IllegalArgumentException(
          "'%s' must be %s, but is missing".formatted(full(path, name), type));
    }
  }

  private static Point point(Fields fields, String path) {
    String name = full(path, "point");
    Point point =
        named(fields.point)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "'%s' must be one of %s, with a layer for the *, but is '%s'"
                        .formatted(name, Catalogue.editable(), fields.point)));
    if (fields.has("layers") && !point.layers().isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' cannot stand beside '%s', which names its layer"
              .formatted(full(path, "layers"), fields.point));
    }
    try {
      point = fields.has("layers") ? point.layers(fields.layers) : point;
      point = fields.has("heads") ? point.heads(fields.heads) : point;
    } catch (IllegalArgumentException e) {
      throw path.isEmpty() ? e : new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
    return new Point(
        point.hook(), point.layers(), point.heads(), fields.positions, point.form(), false);
  }

  /// The point of a wire name, or of llama.cpp's; `*` or no number means all layers.
  private static Optional<Point> named(String name) {
    Matcher matcher = LAYER.matcher(name);
    int layer =
        !matcher.matches()
            ? -1
            : Integer.parseInt(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    for (Hook hook : Hook.values()) {
      if (name.equals(hook.pattern())
          || (!hook.perLayer() && !name.isEmpty() && name.equals(hook.alias(-1)))) {
        return Optional.of(hook.all());
      }
      if (layer >= 0
          && hook.perLayer()
          && (name.equals(hook.name(layer)) || name.equals(hook.alias(layer)))) {
        return Optional.of(hook.layer(layer));
      }
    }
    return Optional.empty();
  }

  private Intervention intervention(OperationName name, Point point, Fields fields)
      throws IOException {
    Intervention made =
        switch (name) {
          case ZERO -> point.zero();
          case SCALE -> point.scale(fields.factor);
          case ADD ->
              fields.has("value")
                  ? point.add(fields.value * fields.factor)
                  : point.add(fields.vector, fields.factor);
          case SET -> fields.has("value") ? point.set(fields.value) : point.set(fields.vector);
          case MEAN -> point.mean(fields.vector);
          case CLAMP -> point.clamp(fields.min, fields.max);
          case PROJECT_OUT -> point.projectOut(fields.direction);
          case NOISE -> point.noise(fields.sigma, fields.seed);
          case PATCH -> point.patch(patch(point, fields));
          case CUT -> point.cut(fields.key);
          case MASK -> point.mask(fields.neurons);
        };
    return new Intervention(
        point,
        made.operation(),
        boxed(fields.neurons),
        fields.steps,
        boxed(fields.tokens),
        fields.condition);
  }

  private Patch patch(Point point, Fields fields) throws IOException {
    if (folder.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: file '%s' is not read where no folder is given".formatted(point, fields.file));
    }
    if (point.hook().perLayer() && point.layers().size() != 1) {
      throw new IllegalArgumentException(point + ": a patch needs one layer");
    }
    int layer = point.hook().perLayer() ? point.layers().getFirst() : -1;
    Path file;
    try {
      file = folder.get().resolve(fields.file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "%s: file '%s' is no path: %s".formatted(point, fields.file, e.getReason()), e);
    }
    return Patch.read(file, fields.array, point.hook(), layer)
        .from(new Patch.Source(fields.file, fields.array));
  }

  private static List<Integer> boxed(int[] integers) {
    return Arrays.stream(integers).boxed().toList();
  }

  private Positions positions(JsonToken token, String path) throws IOException {
    if (token == JsonToken.START_ARRAY) {
      return new Positions.Chosen(boxed(integers(token, path)));
    }
    return switch (token == JsonToken.VALUE_STRING ? parser.getText() : "") {
      case "all" -> new Positions.All();
      case "last" -> new Positions.Last();
      case "prompt" -> new Positions.Prompt();
      case "generated" -> new Positions.Generated();
      default ->
          throw wrong(path, "an array of integers, or 'all', 'last', 'prompt' or 'generated'");
    };
  }

  private Steps steps(JsonToken token, String path) throws IOException {
    require(token, JsonToken.START_OBJECT, quoted(path));
    int first = Steps.ALL.first();
    int last = Steps.ALL.last();
    int every = Steps.ALL.every();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      String full = path + "." + name;
      JsonToken value = parser.nextToken();
      switch (name) {
        case "first" -> first = index(value, full);
        case "last" -> last = index(value, full);
        case "every" -> every = index(value, full);
        default ->
            throw new IllegalArgumentException(
                "field '%s' is not possible; possible are [first, last, every]".formatted(full));
      }
    }
    try {
      return new Steps(first, last, every);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(path, e.getMessage()), e);
    }
  }

  private Condition condition(JsonToken token, String path) throws IOException {
    require(token, JsonToken.START_OBJECT, quoted(path));
    OptionalDouble entropyAbove = OptionalDouble.empty();
    OptionalDouble probabilityBelow = OptionalDouble.empty();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      String full = path + "." + name;
      JsonToken value = parser.nextToken();
      switch (name) {
        case "entropy_above" -> entropyAbove = OptionalDouble.of(bound(value, full));
        case "probability_below" -> probabilityBelow = OptionalDouble.of(bound(value, full));
        default ->
            throw new IllegalArgumentException(
                "field '%s' is not possible; possible are [entropy_above, probability_below]"
                    .formatted(full));
      }
    }
    if (entropyAbove.isEmpty() && probabilityBelow.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' must have entropy_above or probability_below, but is empty".formatted(path));
    }
    try {
      return new Condition(entropyAbove, probabilityBelow);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(path, e.getMessage()), e);
    }
  }

  private double bound(JsonToken token, String path) throws IOException {
    if (!token.isNumeric()) {
      throw wrong(path, "a number");
    }
    return Double.parseDouble(parser.getText());
  }

  private String string(JsonToken token, String path) throws IOException {
    require(token, JsonToken.VALUE_STRING, quoted(path));
    return parser.getText();
  }

  private int[] integers(JsonToken token, String path) throws IOException {
    if (token != JsonToken.START_ARRAY) {
      throw wrong(path, "an array of integers");
    }
    int[] integers = new int[8];
    int count = 0;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      if (count == integers.length) {
        integers = Arrays.copyOf(integers, 2 * count);
      }
      integers[count] = index(token, path + "[" + count + "]");
      count++;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "'%s' must name something, but is empty; without it all are meant".formatted(path));
    }
    return Arrays.copyOf(integers, count);
  }

  private float[] numbers(JsonToken token, String path) throws IOException {
    if (token != JsonToken.START_ARRAY) {
      throw wrong(path, "an array of numbers");
    }
    float[] numbers = new float[64];
    int count = 0;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count] = number(token, path + "[" + count + "]");
      count++;
    }
    return Arrays.copyOf(numbers, count);
  }

  /// A float: the one that is nearest to the digits, which a detour over double might miss.
  private float number(JsonToken token, String path) throws IOException {
    if (!token.isNumeric()) {
      throw wrong(path, "a number");
    }
    float number = Float.parseFloat(parser.getText());
    if (!Float.isFinite(number)) {
      throw wrong(path, "a number that a float can hold");
    }
    return number;
  }

  private int index(JsonToken token, String path) throws IOException {
    return (int) integer(token, path, 0, Integer.MAX_VALUE);
  }

  private long integer(JsonToken token, String path, long min, long max) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        && parser.getLongValue() >= min
        && parser.getLongValue() <= max) {
      return parser.getLongValue();
    }
    throw wrong(path, "an integer from %d to %d".formatted(min, max));
  }

  private void require(JsonToken found, JsonToken expected, String what) throws IOException {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s must be %s, but is %s".formatted(what, kind(expected), shown()));
    }
  }

  private IllegalArgumentException wrong(String path, String expected) throws IOException {
    return new IllegalArgumentException(
        "'%s' must be %s, but is %s".formatted(path, expected, shown()));
  }

  private static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      default -> "a string";
    };
  }

  /// The current token as a message shows it.
  private String shown() throws IOException {
    @Nullable JsonToken token = parser.currentToken();
    if (token == null) {
      return "missing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> '"' + parser.getText() + '"';
      default -> parser.getText();
    };
  }

  private static String full(String path, String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  private static String quoted(String path) {
    return "'" + path + "'";
  }
}
