package dev.inferno.cli;

import java.util.List;

/// Tells a chat template's family by what it writes around a message.
final class ChatTemplates {
  /// The first that fits is meant; more special ones come first.
  private static final List<Family> FAMILIES =
      List.of(
          new Family("Harmony", "<|channel|>"),
          new Family("Llama 3", "<|start_header_id|>"),
          new Family("Llama 4", "<|header_start|>"),
          new Family("Gemma", "<start_of_turn>"),
          new Family("Granite", "<|start_of_role|>"),
          new Family("Command R", "<|START_OF_TURN_TOKEN|>"),
          new Family("DeepSeek", "<｜User｜>"),
          new Family("Kimi", "<|im_middle|>"),
          new Family("ChatML", "<|im_start|>"),
          new Family("GLM", "[gMASK]"),
          new Family("Phi 3", "<|end|>"),
          new Family("Llama 2", "<<SYS>>"),
          new Family("Mistral", "[INST]"),
          new Family("OpenChat", "GPT4 Correct"),
          new Family("Zephyr", "<|user|>"),
          new Family("Alpaca", "### Instruction"),
          new Family("Vicuna", "USER:"));

  private record Family(String name, String mark) {}

  private ChatTemplates() {}

  /// The family, or else the first line that is not blank.
  static String describe(String template) {
    for (Family family : FAMILIES) {
      if (template.contains(family.mark())) {
        return "%s style (%s), %,d characters"
            .formatted(family.name(), family.mark(), template.length());
      }
    }
    String first = template.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    return "of its own, %,d characters: %s".formatted(template.length(), Columns.shown(first));
  }
}
