package dev.inferno.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// Tells a chat template's family by what it writes around a message.
final class ChatTemplates {
  private static final Map<String, String> FAMILIES = new LinkedHashMap<>();

  static { // the first that fits; more special ones come first
    FAMILIES.put("<|channel|>", "Harmony");
    FAMILIES.put("<|start_header_id|>", "Llama 3");
    FAMILIES.put("<|header_start|>", "Llama 4");
    FAMILIES.put("<start_of_turn>", "Gemma");
    FAMILIES.put("<|start_of_role|>", "Granite");
    FAMILIES.put("<|START_OF_TURN_TOKEN|>", "Command R");
    FAMILIES.put("<｜User｜>", "DeepSeek");
    FAMILIES.put("<|im_start|>", "ChatML");
    FAMILIES.put("<|im_user|>", "Kimi");
    FAMILIES.put("[gMASK]", "GLM");
    FAMILIES.put("<|end|>", "Phi 3");
    FAMILIES.put("<<SYS>>", "Llama 2");
    FAMILIES.put("[INST]", "Mistral");
    FAMILIES.put("GPT4 Correct", "OpenChat");
    FAMILIES.put("<|user|>", "Zephyr");
    FAMILIES.put("### Instruction", "Alpaca");
    FAMILIES.put("USER:", "Vicuna");
  }

  private ChatTemplates() {}

  /// The family, or else the first line that is not blank.
  static String describe(String template) {
    for (Map.Entry<String, String> family : FAMILIES.entrySet()) {
      if (template.contains(family.getKey())) {
        return "%s style (%s), %,d characters"
            .formatted(family.getValue(), family.getKey(), template.length());
      }
    }
    return "of its own, %,d characters: %s"
        .formatted(
            template.length(),
            template.lines().filter(line -> !line.isBlank()).findFirst().orElse(""));
  }
}
