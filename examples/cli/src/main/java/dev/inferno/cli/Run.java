package dev.inferno.cli;

import dev.inferno.Generation;
import dev.inferno.GenerationDefaults;
import dev.inferno.GenerationOptions;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Prefix;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Generates text.
@Command(
    name = "run",
    description = {
      "Continues a prompt and prints the text as it comes; of a Hugging Face folder without a"
          + " tokenizer, the token ids.",
      "Where no option says how a token is chosen, the model may: the generation_config.json of a"
          + " folder, or general.sampling.* of a GGUF file.",
      "A line about the run (why it ended, tokens, speeds, seed) goes to the standard error.",
      "Ctrl-C ends the text where it is; the exit code is then 130."
    })
final class Run implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private PromptedModel input;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "End after N tokens: 0 or more. Default: ${DEFAULT-VALUE}.")
  private int maxTokens = 256;

  @Mixin private SamplerOptions sampler;

  @Mixin private GenerationSettings settings;

  @Option(
      names = "--force",
      paramLabel = "TEXT",
      description =
          "Begin what is generated with the tokens of this text, whatever the model would choose."
              + " They count for --max-tokens. --no-special holds for it too.")
  private String forced = "";

  @Option(names = "--ignore-eos", description = "Go on after a token that ends the model's text.")
  private boolean ignoreEnd;

  @Mixin private EditsOption edits;

  @Mixin private CacheOptions cache;

  @Option(
      names = "--prefix",
      paramLabel = "FILE",
      description =
          "Begin with the tokens in FILE, which --save-prefix wrote with the same model: they need"
              + " not be computed again. The prompt continues them. The number format of the cache is"
              + " theirs; another --kv is refused.")
  private Optional<Path> prefix = Optional.empty();

  @Option(
      names = "--save-prefix",
      paramLabel = "FILE",
      description =
          "Write all tokens up to the end of the prompt, and what the model has computed of them, to"
              + " FILE, before any text is generated.")
  private Optional<Path> savedPrefix = Optional.empty();

  @Mixin private ThreadsOption threads;

  @Option(
      names = "--json",
      description = {
        "Print one object when all is done:",
        "{\"prompt_ids\":[],\"ids\":[],\"text\":\"\",\"end\":\"\",\"seed\":0,\"prefill_tps\":0,"
            + "\"decode_tps\":0,\"sampling\":{},\"generation_defaults\":{}}.",
        "prompt_ids are those behind a --prefix; ids is every token behind the prompt except an end token that ended the run; text ends before the"
            + " stop string; end is length, stop, eos, cancelled, context or listener; speeds are"
            + " in tokens per second; sampling is what held, generation_defaults what the model says. With --speculate also drafted and accepted, in tokens."
      })
  private boolean json;

  private volatile boolean interrupted;
  private double savedTokensPerSecond;

  Run(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    GenerationOptions options = Failures.inRange(spec.commandLine(), this::generationOptions);
    SessionOptions sessionOptions =
        Failures.inRange(spec.commandLine(), () -> sessionOptions(KeyValueType.F16));
    if (savedPrefix.isPresent()) {
      OutputFile.requirePossible(savedPrefix.get());
    }
    try (Model model = input.load(console);
        Session session = session(model, sessionOptions)) {
      ModelFile.warnOfContext(session.contextLength(), model.info(), console);
      int[] ids =
          session.length() == 0 ? input.ids(model, console) : input.continuing(model, console);
      edits.intervene(session, model.info());
      GenerationOptions forcing =
          options
              .sampler(sampler.sampler(model.generationDefaults()))
              .forced(input.following("--force", forced, model));
      if (!model.hasTokenizer()) {
        session.addListener(new IdPrinter(session));
      }
      try (CtrlC _ = CtrlC.calls(() -> interrupt(session))) {
        if (savedPrefix.isPresent()) {
          save(session, ids, savedPrefix.get());
        }
        int[] due = savedPrefix.isPresent() ? new int[0] : ids;
        Generation generation =
            session.generate(due, forcing, piece -> print(piece, session::cancel));
        report(generation, model.generationDefaults(), ids);
      }
    }
    return 0;
  }

  /// Ends what is under way; what begins later ends with its first token.
  private void interrupt(Session session) {
    interrupted = true;
    session.cancel();
  }

  private void save(Session session, int[] ids, Path file) throws IOException {
    long start = System.nanoTime();
    session.append(ids);
    savedTokensPerSecond = ids.length * 1e9 / (System.nanoTime() - start);
    session.prefix().save(file);
    if (interrupted) {
      throw new CancellationException("interrupted; %s is written".formatted(file));
    }
  }

  private double prefillTokensPerSecond(Generation generation) {
    return savedPrefix.isPresent() ? savedTokensPerSecond : generation.prefillTokensPerSecond();
  }

  private Session session(Model model, SessionOptions options) throws IOException {
    if (prefix.isEmpty()) {
      return model.newSession(options);
    }
    Prefix loaded = model.loadPrefix(prefix.get());
    SessionOptions theirs = sessionOptions(loaded.keyValueType());
    try {
      return model.newSession(theirs, loaded);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--prefix %s: %s".formatted(prefix.get(), e.getMessage()), e);
    }
  }

  private GenerationOptions generationOptions() {
    GenerationOptions options =
        settings.apply(
            GenerationOptions.defaults()
                .maxTokens(maxTokens)
                .sampler(sampler.sampler(GenerationDefaults.NONE)));
    return ignoreEnd ? options.ignoreEndOfText() : options;
  }

  private SessionOptions sessionOptions(KeyValueType absent) {
    return threads.apply(cache.sessionOptions(absent));
  }

  private void print(String piece, Runnable cancel) {
    if (!json) {
      console.out().print(piece);
    }
    // Looking for an error flushes; if nobody reads, nobody needs the rest.
    if (interrupted || (!json && console.out().checkError())) {
      cancel.run();
    }
  }

  /// Prints each token that has no text as its id, as it comes.
  private final class IdPrinter implements StepListener {
    private final Session session;
    private String separator = "";

    IdPrinter(Session session) {
      this.session = session;
    }

    @Override
    public void onSelection(Selection selection) {
      print(separator + selection.id(), session::cancel);
      separator = ",";
    }
  }

  private void report(Generation generation, GenerationDefaults defaults, int... prompt)
      throws IOException {
    String end = generation.end().name().toLowerCase(Locale.ROOT);
    if (json) {
      var result = Json.object();
      result.set("prompt_ids", Json.array(prompt));
      result.set("ids", Json.array(ints(generation.ids())));
      result.put("text", generation.text());
      result.put("end", end);
      result.put("seed", generation.seed());
      result.put("prefill_tps", prefillTokensPerSecond(generation));
      result.put("decode_tps", generation.decodeTokensPerSecond());
      result.set("sampling", sampler.values(defaults).json());
      result.set("generation_defaults", SamplerOptions.json(defaults));
      if (settings.speculates()) {
        result.put("drafted", generation.drafted());
        result.put("accepted", generation.accepted());
      }
      Json.print(result, console);
    } else {
      console.out().println();
    }
    console.out().flush();
    console
        .err()
        .printf(
            Locale.ROOT,
            "[%s after %d tokens; prompt: %d tokens, %.1f tokens/s; then %.1f tokens/s;%s"
                + " seed %d]%n",
            end,
            generation.ids().size(),
            prompt.length,
            prefillTokensPerSecond(generation),
            generation.decodeTokensPerSecond(),
            drafts(generation),
            generation.seed());
  }

  private String drafts(Generation generation) {
    return settings.speculates()
        ? " %d of %d drafted tokens accepted;"
            .formatted(generation.accepted(), generation.drafted())
        : "";
  }

  private static int[] ints(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
