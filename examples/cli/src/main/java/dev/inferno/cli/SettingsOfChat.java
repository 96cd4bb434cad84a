package dev.inferno.cli;

import static java.util.stream.Collectors.joining;

import dev.inferno.GenerationDefaults;
import dev.inferno.GenerationOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Settings that change during a chat. They are options of the command line, read as such: those
/// that it began with, and what was set later in their place.
final class SettingsOfChat {
  private static final String DASHES = "--";
  private static final String AS_BEFORE = "default";

  private final GenerationDefaults defaults;
  private final int room;
  private final Map<String, List<String>> values; // by the option's name without dashes
  private ChatSettings settings;

  private SettingsOfChat(
      GenerationDefaults defaults,
      int room,
      Map<String, List<String>> values,
      ChatSettings settings) {
    this.defaults = defaults;
    this.room = room;
    this.values = values;
    this.settings = settings;
  }

  /// The settings among a command's options.
  ///
  /// @param defaults what the model says of them
  /// @param room how many tokens fit in the context
  static SettingsOfChat of(ParseResult options, GenerationDefaults defaults, int room) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (OptionSpec option : options.matchedOptions()) {
      String name = option.longestName().replace(DASHES, "");
      if (names().contains(name)) {
        values.put(name, option.originalStringValues());
      }
    }
    return new SettingsOfChat(defaults, room, values, read(values));
  }

  /// What can be set.
  static List<String> names() {
    return new CommandLine(new ChatSettings())
        .getCommandSpec().options().stream()
            .map(option -> option.longestName().replace(DASHES, ""))
            .toList();
  }

  /// Sets one of them.
  ///
  /// @param value as on the command line; `default` for what holds without the option
  /// @throws IllegalArgumentException if there is none of this name, or the value is not possible
  void set(String name, String value) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "there is no setting '%s'; possible are %s".formatted(name, String.join(", ", names())));
    }
    Map<String, List<String>> changed = new LinkedHashMap<>(values);
    if (value.equals(AS_BEFORE)) {
      changed.remove(name);
    } else {
      changed.put(name, List.of(value));
    }
    ChatSettings read = read(changed);
    read.options(defaults, room); // checks the ranges
    settings = read;
    values.clear();
    values.putAll(changed);
  }

  private static ChatSettings read(Map<String, List<String>> values) {
    List<String> arguments = new ArrayList<>();
    values.forEach((name, all) -> all.forEach(value -> arguments.add(DASHES + name + "=" + value)));
    var settings = new ChatSettings();
    try {
      new CommandLine(settings)
          .setExpandAtFiles(false)
          .setTrimQuotes(false)
          .parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return settings;
  }

  /// The options of a reply.
  GenerationOptions options() {
    return settings.options(defaults, room);
  }

  /// What holds, in lines.
  String describe() {
    String set =
        values.entrySet().stream()
            .map(entry -> entry.getKey() + " " + String.join(", ", entry.getValue()))
            .collect(joining("; "));
    return "sampling: "
        + settings.sampling(defaults).json()
        + (set.isEmpty() ? "\nall as the model says" : "\nset: " + set);
  }
}
