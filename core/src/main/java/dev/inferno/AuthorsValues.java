package dev.inferno;

import dev.inferno.format.MalformedModelException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads {@link GenerationDefaults}, each value checked. Immutable.
///
/// @param file what messages call the file
/// @param values what it says
record AuthorsValues(String file, Map<String, Object> values) {

  /// What `generation_config.json` says.
  GenerationDefaults ofFolder(int vocabulary) {
    return new GenerationDefaults(
        real("temperature", Float.MAX_VALUE),
        integer("top_k", 0),
        real("top_p", 1),
        real("min_p", 1),
        positive("repetition_penalty"),
        Optional.empty(),
        flag("do_sample"),
        tokens("eos_token_id", vocabulary));
  }

  /// What the metadata of a GGUF file says.
  GenerationDefaults ofGguf() {
    return new GenerationDefaults(
        real("general.sampling.temp", Float.MAX_VALUE),
        integer("general.sampling.top_k", 0),
        real("general.sampling.top_p", 1),
        real("general.sampling.min_p", 1),
        positive("general.sampling.penalty_repeat"),
        integer("general.sampling.penalty_last_n", -1),
        Optional.empty(),
        List.of());
  }

  /// A number from 0 to the most that is possible.
  private Optional<Float> real(String key, float most) {
    Optional<Float> value = number(key);
    value
        .filter(x -> !(x >= 0 && x <= most))
        .ifPresent(x -> {
          throw malformed(
              key, most == 1 ? "possible are 0 to 1" : "possible are finite numbers from 0");
        });
    return value;
  }

  private Optional<Float> positive(String key) {
    Optional<Float> value = number(key);
    value
        .filter(x -> !(x > 0 && x <= Float.MAX_VALUE))
        .ifPresent(x -> {
          throw malformed(key, "possible are finite numbers above 0");
        });
    return value;
  }

  private Optional<Float> number(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Number number)) {
      throw malformed(key, "must be a number");
    }
    return Optional.of(number.floatValue());
  }

  private Optional<Integer> integer(String key, int least) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Long number) || number < least || number > Integer.MAX_VALUE) {
      throw malformed(
          key, "possible are integers from %d to %d".formatted(least, Integer.MAX_VALUE));
    }
    return Optional.of(number.intValue());
  }

  private Optional<Boolean> flag(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Boolean flag)) {
      throw malformed(key, "must be true or false");
    }
    return Optional.of(flag);
  }

  /// One token or several.
  private List<Integer> tokens(String key, int vocabulary) {
    Object value = values.getOrDefault(key, List.of());
    List<?> tokens = value instanceof List<?> list ? list : List.of(value);
    return tokens.stream()
        .map(token -> {
          if (!(token instanceof Long id) || id < 0 || id >= vocabulary) {
            throw malformed(
                key, "possible are token ids from 0 to %d, or a list".formatted(vocabulary - 1));
          }
          return id.intValue();
        })
        .toList();
  }

  private MalformedModelException malformed(String key, String possible) {
    Object value = values.get(key);
    return new MalformedModelException(
        "%s: malformed: %s is %s, %s"
            .formatted(file, key, value instanceof String ? "'" + value + "'" : value, possible));
  }
}
