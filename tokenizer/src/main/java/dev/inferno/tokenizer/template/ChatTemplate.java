package dev.inferno.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A chat template as model files carry it: a program in the Jinja language that makes a prompt of
/// messages. Immutable and thread-safe.
///
/// It renders what Hugging Face's `apply_chat_template` does: Jinja2 with Python's semantics in an
/// immutable sandbox, `trim_blocks`, `lstrip_blocks`, `break` and `continue`, `generation` blocks,
/// and the functions `raise_exception`, `strftime_now` and `tojson`. It reaches neither files nor
/// Java, and steps, depth and output are bounded.
///
/// ```java
/// ChatTemplate template = ChatTemplate.of(source);
/// RenderedChat prompt =
///     template.render(
///         Map.of("messages", List.of(Map.of("role", "user", "content", "Hi"))),
///         Map.of("add_generation_prompt", true, "bos_token", "<s>"));
/// ```
///
/// Source: <https://jinja.palletsprojects.com/en/stable/templates/>
public final class ChatTemplate {
  private static final int DEEPEST = 200;

  /// Far more than any published template has.
  private static final int LONGEST = 1 << 22;

  private static final Pattern WORD = Pattern.compile("[A-Za-z_]+");

  private final String source;
  private final Statement statements;

  private ChatTemplate(String source, Statement statements) {
    this.source = source;
    this.statements = statements;
  }

  /// Reads a template.
  ///
  /// @throws TemplateException if it breaks the rules of the language, with the line
  public static ChatTemplate of(String source) {
    if (source.length() > LONGEST) {
      throw TemplateException.limit(
          "a template has %d characters; possible are up to %d", source.length(), LONGEST);
    }
    return new ChatTemplate(source, Parser.parse(source));
  }

  /// The template's text.
  public String source() {
    return source;
  }

  /// Renders with the system's clock.
  public RenderedChat render(Map<String, ?> input, Map<String, ?> settings) {
    return render(input, settings, Clock.system(ZoneId.systemDefault()));
  }

  /// Renders a prompt.
  ///
  /// Values are null, String, Boolean, Number, List and Map with String keys. An integer of more
  /// than 64 bits can be printed and compared, not computed with. What is in `input` is remembered
  /// as such in the result; but a `role` that is a word counts as the template's, which makes
  /// control tokens of it. A name that is in both means `settings`.
  ///
  /// @param input what comes from outside: `messages`, `tools`, `documents` and the like
  /// @param settings what the caller says: special tokens such as `bos_token`,
  ///   `add_generation_prompt`
  /// @param clock for `strftime_now`, with its zone
  /// @throws TemplateException if the template refuses the input, or fails
  /// @throws IllegalArgumentException if a value is of another type
  public RenderedChat render(Map<String, ?> input, Map<String, ?> settings, Clock clock) {
    Map<String, @Nullable Object> names = new HashMap<>(Globals.all(clock));
    input.forEach((name, value) -> names.put(name, value(value, true, 0)));
    settings.forEach((name, value) -> names.put(name, value(value, false, 0)));
    var output = new Output();
    try {
      statements.run(Frame.root(names, output, new Budget()));
    } catch (StackOverflowError e) {
      throw new TemplateException("RecursionError", "the template is nested too deep");
    }
    return RenderedChat.of(output);
  }

  /// Whether it says who speaks. That is for a program to choose and not for who types, and many
  /// templates make a control token of it, `<|user|>`. A word alone cannot be one.
  private static boolean isRole(@Nullable Object key, @Nullable Object item) {
    return "role".equals(key) && item instanceof String word && WORD.matcher(word).matches();
  }

  private static @Nullable Object value(@Nullable Object value, boolean isInput, int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("a value is nested more than %d deep".formatted(DEEPEST));
    }
    return switch (value) {
      case null -> null;
      case String text -> isInput ? Text.input(text) : Text.authored(text);
      case Boolean flag -> flag;
      case BigInteger integer -> integer.bitLength() < 64 ? (Object) integer.longValue() : integer;
      case Double real -> real;
      case Float real -> real.doubleValue();
      case BigDecimal real -> real.doubleValue();
      case Number integer -> integer.longValue();
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>();
        for (Object item : list) {
          items.add(value(item, isInput, depth + 1));
        }
        yield items;
      }
      case Map<?, ?> map -> {
        var dict = new Dict();
        map.forEach((key, item) -> {
          boolean isText = isInput && !isRole(key, item);
          dict.put(value(key, isInput, depth + 1), value(item, isText, depth + 1));
        });
        yield dict;
      }
      default ->
          throw new IllegalArgumentException(
              "a value of a template is a %s; possible are String, Boolean, Number, List, Map and null"
                  .formatted(value.getClass().getName()));
    };
  }
}
