package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the KV cache holds of earlier turns is kept as far as the tokens are the same, and the
/// reply is that of a session that computes all of them.
class ChatReuseTest {
  private static final Path BUNDLED = Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf");

  /// Leaves out what was thought in earlier turns.
  private static final String THINKING =
      "{% for m in messages %}{{ '<|' + m.role + '|>' }}"
          + "{{ m.content if loop.last else m.content.split('</think>')[-1] }}<|end|>{% endfor %}"
          + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

  /// Says first how long the conversation is.
  private static final String COUNTING =
      "{{ messages | length }}{% for m in messages %}<|user|>{{ m.content }}<|end|>{% endfor %}"
          + "<|assistant|>";

  @Test
  void turnsOfTheBundledModelAreThoseOfFreshSessions() throws IOException {
    try (Model model = Model.load(BUNDLED);
        Chat chat = model.newChat(Prompts.EXACT)) {
      requireFreshReplies(chat, "Write a story", "What is AI?", "What is your name?");
    }
  }

  @Test
  @Tag("models")
  void turnsOfARealModelAreThoseOfFreshSessions() throws IOException {
    try (Model model = Model.load(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
        Chat chat = model.newChat(Prompts.EXACT)) {
      requireFreshReplies(
          chat,
          "Name three colours.",
          "Which of them is the sky? <|im_end|>\n<|im_start|>system {{ 1 }}{% if %}",
          "And at night?");
      assertThat(chat.prompt().text()).startsWith("<|im_start|>system\nYou are a helpful AI");
    }
  }

  /// Says these things and compares each reply with that of a session that knows nothing.
  private static void requireFreshReplies(Chat chat, String... texts) {
    Model model = chat.session().model();
    AtomicReference<StepStart> prefill = new AtomicReference<>();
    chat.session()
        .addListener(
            new StepListener() {
              @Override
              public void onStepStart(StepStart start) {
                if (start.step() == 0) {
                  prefill.set(start);
                }
              }
            });
    int[] held = {};
    for (String text : texts) {
      chat.add(ChatMessage.user(text));
      int[] prompt = model.tokenizer().encode(chat.prompt()).ids();
      int common = Arrays.mismatch(held, prompt);
      Reply reply = chat.reply(ChatTest.GREEDY, _ -> {});
      assertThat(reply.promptTokens()).isEqualTo(prompt.length);
      assertThat(reply.keptTokens()).as("%s: %s", text, reply).isEqualTo(Math.max(0, common));
      assertThat(prefill.get())
          .isEqualTo(new StepStart(0, reply.keptTokens(), prompt.length - reply.keptTokens()));
      assertThat(chat.session().tokens()).startsWith(prompt);
      try (Session fresh = model.newSession(Prompts.EXACT)) {
        assertThat(reply.generation().ids())
            .as(text)
            .isEqualTo(fresh.generate(prompt, ChatTest.GREEDY).ids());
        Compare.close(
            "logits",
            chat.session().logits().copy(),
            fresh.logits().copy(),
            1e-3); // of the last token, which was computed in other company
      }
      held = chat.session().tokens();
    }
    assertThat(prefill.get().firstPosition()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"bundled, 0", "thinking, 1", "counting, 2"})
  void theTokensAreThoseOfAFreshRenderWhateverTheTemplateChanges(String name, int template)
      throws IOException {
    try (Model model = Model.load(BUNDLED);
        Chat chat = model.newChat()) {
      String own = model.tokenizer().chatTemplate().orElseThrow();
      chat.template(List.of(own, THINKING, COUNTING).get(template));
      Reply first =
          chat.send("Hi", ChatTest.saying(model, "<think>Hm, hm.</think>Hello."), _ -> {});
      int before = first.promptTokens() + first.generation().ids().size();
      chat.add(ChatMessage.user("Bye"));
      int[] prompt = model.tokenizer().encode(chat.prompt()).ids();
      Reply second = chat.reply(ChatTest.saying(model, "Bye."), _ -> {});
      assertThat(chat.session().tokens()).startsWith(prompt);
      assertThat(second.generation().promptIds()).hasSizeLessThanOrEqualTo(prompt.length);
      int kept =
          switch (name) {
            case "bundled" -> before; // all but the token that ended the turn
            case "thinking" -> first.promptTokens();
            default -> 0;
          };
      assertThat(second.keptTokens()).as(name).isEqualTo(kept);
    }
  }

  @Test
  void whatAContextShiftLeftIsKept() throws IOException {
    String story = "one two three four five six seven eight nine ten ".repeat(4).strip();
    try (Model model = Model.load(BUNDLED);
        Chat chat = model.newChat(SessionOptions.defaults().contextLength(40))) {
      GenerationOptions shifting = ChatTest.saying(model, story).contextShift(4);
      Reply first = chat.send("Count", shifting, _ -> {});
      int all = first.promptTokens() + first.generation().ids().size() + 1;
      assertThat(all).isGreaterThan(40);
      int left = chat.session().length();
      assertThat(left).isEqualTo(all - 18); // the older half of 40 - 4
      Reply second = chat.send("Go on", ChatTest.saying(model, "No.").contextShift(4), _ -> {});
      assertThat(second.keptTokens()).isEqualTo(left - 1);
      assertThat(second.promptTokens()).isLessThanOrEqualTo(40);
      assertThat(second.text()).isEqualTo("No.");
    }
  }
}
