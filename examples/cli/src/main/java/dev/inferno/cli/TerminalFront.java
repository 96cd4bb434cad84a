package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jline.reader.Buffer;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.Widget;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// A chat in a terminal: lines are edited and remembered, commands are completed. Where a terminal
/// can do nothing, it is read line by line.
final class TerminalFront implements ChatFront {
  private static final String PROMPT = "> ";
  private static final String CONTINUED = "  ";
  private static final char REPLACEMENT = '\uFFFD';

  private final Terminal terminal;
  private final LineReader reader;
  private boolean lineBegins = true;
  private volatile Runnable stop = TerminalFront::nothing; // for Ctrl-C, when no line is read

  /// @param history where lines are remembered from one start to the next
  TerminalFront(Terminal terminal, Optional<Path> history) {
    this.terminal = terminal;
    var parser =
        new DefaultParser(); // of words to complete: quotation marks and backslashes are text
    parser.setQuoteChars(new char[0]);
    parser.setEscapeChars(new char[0]);
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("inferno")
            .parser(parser)
            .completer((_, line, candidates) -> complete(line, candidates))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // an exclamation mark is text
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, CONTINUED);
    history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    this.reader = builder.build();
    terminal.handle(Signal.INT, _ -> stop.run());
    Widget accept = Objects.requireNonNull(reader.getBuiltinWidgets().get(LineReader.ACCEPT_LINE));
    reader.getWidgets().put(LineReader.ACCEPT_LINE, () -> goOn() || accept.apply());
  }

  /// The terminal of this process.
  static TerminalFront ofProcess(Optional<Path> history) throws IOException {
    Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).encoding(UTF_8).build();
    return new TerminalFront(terminal, history);
  }

  /// Begins another line of a message that is not at its end.
  private boolean goOn() {
    Buffer buffer = reader.getBuffer();
    String typed = buffer.toString();
    boolean goesOn = TypedText.goesOn(typed);
    if (goesOn || TypedText.isOpen(typed)) {
      buffer.cursor(buffer.length());
      if (goesOn) {
        buffer.backspace();
      }
      buffer.write("\n");
      return true;
    }
    return false;
  }

  private static void complete(ParsedLine line, List<Candidate> candidates) {
    for (String each : ChatCommands.completions(line.line(), line.wordIndex())) {
      candidates.add(new Candidate(each));
    }
  }

  @Override
  public Optional<TypedText> read() {
    boolean interrupted = false;
    while (true) {
      try {
        return Optional.of(TypedText.of(reader.readLine(PROMPT)));
      } catch (UserInterruptException e) {
        if (interrupted && e.getPartialLine().isEmpty()) {
          return Optional.empty();
        }
        interrupted = true;
        say("Ctrl-C once more, or Ctrl-D, ends the chat.");
      } catch (EndOfFileException e) {
        return Optional.empty();
      }
    }
  }

  @Override
  public boolean show(String piece) {
    terminal.writer().print(printable(piece));
    terminal.writer().flush();
    lineBegins = piece.endsWith("\n");
    return !terminal.writer().checkError();
  }

  private static void nothing() {}

  /// The text without characters that would steer the terminal.
  private static String printable(String text) {
    var printable = new StringBuilder(text.length());
    text.chars()
        .forEach(c ->
            printable.append(
                Character.isISOControl(c) && c != '\n' && c != '\t' ? REPLACEMENT : (char) c));
    return printable.toString();
  }

  @Override
  public void endReply() {
    if (!lineBegins) {
      terminal.writer().println();
    }
    lineBegins = true;
    terminal.writer().flush();
  }

  @Override
  public void say(String text) {
    tell(text, AttributedStyle.DEFAULT.faint());
  }

  @Override
  public void complain(String message) {
    tell(message, AttributedStyle.DEFAULT.foreground(AttributedStyle.RED));
  }

  private void tell(String text, AttributedStyle style) {
    printable(text)
        .lines()
        .forEach(line ->
            terminal
                .writer()
                .println(new AttributedStringBuilder().styled(style, line).toAnsi(terminal)));
    terminal.writer().flush();
  }

  @Override
  public Interruption onInterrupt(Runnable stop) {
    this.stop = stop;
    return () -> this.stop = TerminalFront::nothing;
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
