package dev.inferno;

import dev.inferno.tokenizer.template.ChatTemplate;
import dev.inferno.tokenizer.template.RenderedChat;
import dev.inferno.tokenizer.template.TemplateException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A conversation with a model.
///
/// ```java
/// try (Chat chat = model.newChat().system("You are terse.")) {
///   chat.send("Why is the sky blue?", piece -> System.out.print(piece));
///   chat.send("And at night?", piece -> System.out.print(piece));
/// }
/// ```
///
/// For each reply the whole history is rendered by the model's chat template and encoded, so that
/// the model always sees the tokens of a conversation that was rendered in one go, also where a
/// template leaves out what was thought earlier. What the KV cache holds of the same tokens from
/// the first one on is kept; only what is behind passes through the model. {@link Reply#keptTokens}
/// says how much that was.
///
/// What messages contain is text: the name of a control token in it, or code in the language of
/// templates, does nothing.
///
/// What fails leaves the history as it was.
///
/// For one thread at a time, except {@link #cancel} and {@link #history()}; not from its own
/// callbacks. Many chats share one model.
public final class Chat implements AutoCloseable {
  private final Model model;
  private final Session session;
  private final ChatPrompts prompts;
  private GenerationOptions options;
  private volatile List<ChatMessage> history = List.of();
  private volatile boolean cancelled;

  Chat(Session session) {
    this.session = session;
    this.model = session.model();
    this.prompts = new ChatPrompts(model.info().name(), model.tokenizer());
    this.options = model.generationDefaults().options().maxTokens(session.contextLength());
  }

  /// Tells the model its task: the first message of the history, in place of one that is there. An
  /// empty text takes it away.
  public Chat system(String text) {
    session.requireIdle();
    List<ChatMessage> messages = new ArrayList<>(history);
    if (hasSystem(messages)) {
      messages.removeFirst();
    }
    if (!text.isEmpty()) {
      messages.addFirst(ChatMessage.system(text));
    }
    history = List.copyOf(messages);
    return this;
  }

  /// Renders with this template, in the Jinja language, in place of the model's own.
  ///
  /// @throws TemplateException if it cannot be read
  public Chat template(String source) {
    session.requireIdle();
    prompts.template(ChatTemplate.of(source));
    return this;
  }

  /// Tells the template which tools the model may call, as values of JSON in the form that it
  /// expects. A call is then in the text of a reply, in the form that the model writes, see {@link
  /// Reply#toolCalls}; what the tool says to it is the next message, see {@link ChatMessage#tool}.
  ///
  /// @throws IllegalArgumentException if a value is none of JSON's
  public Chat tools(List<? extends Map<String, ?>> tools) {
    session.requireIdle();
    prompts.tools(tools);
    return this;
  }

  /// Sets a variable of the template, such as `enable_thinking`, to a value as JSON has it.
  ///
  /// @throws IllegalArgumentException if the value is none of JSON's
  public Chat variable(String name, @Nullable Object value) {
    session.requireIdle();
    prompts.variable(name, value);
    return this;
  }

  /// Tells the time to templates that ask for it, with its zone; the default is the system's clock.
  public Chat clock(Clock clock) {
    session.requireIdle();
    prompts.clock(clock);
    return this;
  }

  /// Generates so where nothing else is said. The default is {@link GenerationDefaults#options},
  /// with as many tokens as there is room for.
  public Chat options(GenerationOptions options) {
    session.requireIdle();
    this.options = options;
    return this;
  }

  /// How replies are generated where nothing else is said.
  public GenerationOptions options() {
    return options;
  }

  /// Says something as the user, and has the model answer.
  ///
  /// @throws IllegalStateException if there is no template
  /// @throws TemplateException if the template refuses the history
  /// @throws IllegalArgumentException if the history does not fit in the context, and the options
  ///   ask for no context shift
  public Reply send(String text) {
    return send(text, _ -> {});
  }

  /// The same, giving each piece of the reply as soon as it is certain.
  public Reply send(String text, Consumer<String> onText) {
    return send(text, options, onText);
  }

  /// The same with options of its own.
  public Reply send(String text, GenerationOptions options, Consumer<String> onText) {
    return send(ChatMessage.user(text), options, onText);
  }

  /// The same with any message, such as the answer of a tool.
  public Reply send(ChatMessage message, GenerationOptions options, Consumer<String> onText) {
    List<ChatMessage> messages = new ArrayList<>(history);
    messages.add(message);
    return reply(messages, options, onText);
  }

  /// Adds a message that nobody answers yet: an example, the beginning of a reply for {@link
  /// #continueReply}, one of several answers of tools.
  public Chat add(ChatMessage message) {
    session.requireIdle();
    List<ChatMessage> messages = new ArrayList<>(history);
    messages.add(message);
    history = List.copyOf(messages);
    return this;
  }

  /// Has the model answer the history as it stands.
  ///
  /// @throws IllegalStateException if there is no message, or as in {@link #send(String)}
  public Reply reply(GenerationOptions options, Consumer<String> onText) {
    if (history.isEmpty()) {
      throw new IllegalStateException("the chat has no message to reply to");
    }
    return reply(new ArrayList<>(history), options, onText);
  }

  /// Has the model answer again, in place of its last reply.
  ///
  /// @throws IllegalStateException if the last message is not a reply, or as in {@link
  ///   #send(String)}
  public Reply regenerate(GenerationOptions options, Consumer<String> onText) {
    requireReply("generate again");
    List<ChatMessage> messages = new ArrayList<>(history);
    messages.removeLast();
    return reply(messages, options, onText);
  }

  /// Has the model go on with the last message, which is a reply: one that was cut off, or the
  /// beginning of one that was {@link #add added}. The reply is then all of it; the pieces and the
  /// generation are what is new.
  ///
  /// @throws IllegalStateException if the last message is not a reply, or as in {@link
  ///   #send(String)}
  /// @throws TemplateException if the template does not render the message as it is
  public Reply continueReply(GenerationOptions options, Consumer<String> onText) {
    requireReply("continue");
    List<ChatMessage> messages = new ArrayList<>(history);
    if (messages.getLast().content().isBlank()) { // nothing to be found in what is rendered
      return regenerate(options, onText);
    }
    RenderedChat prompt = prompts.continuing(messages);
    return answer(messages, messages.removeLast(), prompt, options, onText);
  }

  private void requireReply(String what) {
    if (history.isEmpty() || !history.getLast().isAssistants()) {
      throw new IllegalStateException(
          "there is no reply to %s: %s"
              .formatted(
                  what,
                  history.isEmpty()
                      ? "the chat has no message"
                      : "the last message is that of the " + history.getLast().role()));
    }
  }

  private Reply reply(
      List<ChatMessage> messages, GenerationOptions options, Consumer<String> onText) {
    RenderedChat prompt = prompts.render(messages);
    return answer(messages, ChatMessage.assistant(""), prompt, options, onText);
  }

  /// @param messages those before the reply; becomes the history
  /// @param begun what there is of the reply
  private Reply answer(
      List<ChatMessage> messages,
      ChatMessage begun,
      RenderedChat prompt,
      GenerationOptions options,
      Consumer<String> onText) {
    session.requireIdle();
    cancelled = false;
    int[] rendered = model.tokenizer().encode(prompt).ids();
    if (rendered.length == 0) {
      throw new IllegalArgumentException("the template makes an empty prompt of the messages");
    }
    int[] ids = fitted(rendered, options);
    int[] due = Arrays.copyOfRange(ids, keep(ids), ids.length);
    int kept = session.firstToPass(due.length);
    Generation generation =
        session.generate(
            due,
            options,
            piece -> {
              onText.accept(piece);
              if (cancelled) { // before the generation had begun
                session.cancel();
              }
            },
            !begun.content().isEmpty());
    boolean ended = generation.end() == EndReason.EOS || generation.end() == EndReason.STOP;
    ChatMessage message = begun.followedBy(generation.text(), !ended);
    messages.add(message);
    history = List.copyOf(messages);
    List<ToolCall> calls = prompts.hasTools() ? ToolCalls.of(message.content()) : List.of();
    return new Reply(message, generation, ids.length, kept, calls);
  }

  /// Takes back what the session holds behind the tokens that it has in common with these.
  ///
  /// @return how many that are
  private int keep(int[] ids) {
    int[] held = session.tokens();
    int mismatch = Arrays.mismatch(held, ids);
    int common = mismatch < 0 ? ids.length : mismatch;
    session.rewind(held.length - common);
    return common;
  }

  /// The prompt, or what is left of one that the context is too short for, if it is to be shifted:
  /// as many halves are left out as context shifts would have forgotten if the conversation had
  /// been one generation. So what the session holds after such a shift is kept.
  private int[] fitted(int[] ids, GenerationOptions options) {
    int context = session.contextLength();
    if (ids.length <= context) {
      return ids;
    }
    if (options.contextShift().isEmpty()) {
      throw new IllegalArgumentException(
          "the chat has %d tokens, but the context has room for %d; possible are a shorter history, a longer context, or a context shift"
              .formatted(ids.length, context));
    }
    int first = options.contextShift().getAsInt();
    session.requireShift(first);
    int half = (context - first) / 2;
    int forgotten = Math.ceilDiv(ids.length - context, half) * half;
    int[] fitted = Arrays.copyOf(ids, ids.length - forgotten);
    System.arraycopy(ids, first + forgotten, fitted, first, fitted.length - first);
    return fitted;
  }

  /// The messages so far, that of the system among them. Immutable; from any thread.
  public List<ChatMessage> history() {
    return history;
  }

  /// Goes on from these messages: a history that was kept, as by {@link ChatMessage#plain}.
  public Chat history(List<ChatMessage> messages) {
    session.requireIdle();
    history = List.copyOf(messages);
    return this;
  }

  /// Takes back the last turn: what the user said last, and all that came after it.
  ///
  /// @return what the user had said; nothing if there was no turn
  public Optional<ChatMessage> undo() {
    session.requireIdle();
    List<ChatMessage> messages = history;
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).role().equals("user")) {
        history = List.copyOf(messages.subList(0, i));
        return Optional.of(messages.get(i));
      }
    }
    return Optional.empty();
  }

  /// Forgets everything but what the system says.
  public Chat clear() {
    session.requireIdle();
    List<ChatMessage> messages = history;
    history = hasSystem(messages) ? List.of(messages.getFirst()) : List.of();
    return this;
  }

  private static boolean hasSystem(List<ChatMessage> messages) {
    return !messages.isEmpty() && messages.getFirst().role().equals("system");
  }

  /// What the next reply would be generated from: the history as it is rendered.
  ///
  /// @throws IllegalStateException if there is no template
  /// @throws TemplateException if the template refuses the history
  public RenderedChat prompt() {
    return prompts.render(history);
  }

  /// The session that it generates with, for listeners and interventions. Its tokens are this
  /// chat's to append and to take back.
  public Session session() {
    return session;
  }

  /// Ends a running reply soon; what there is of it stays in the history, marked as cut off.
  /// Without one it does nothing. From any thread.
  public void cancel() {
    cancelled = true;
    session.cancel();
  }

  /// Frees the KV cache. Called again it does nothing.
  ///
  /// @throws IllegalStateException if a reply is being generated
  @Override
  public void close() {
    session.close();
  }
}
